namespace Inference.Generation;

/// <summary>
/// Says how many prompt tokens a step may take while answers are being decoded, from what steps have cost so far: steps
/// without prompts by their number of decoded rows, and what a prompt token adds. A long prompt is spread, so that each
/// step stays within <see cref="LlmEngineOptions.MaxStepStretch"/> of one without prompts. What steps without prompts leave
/// unused is saved up, to a limit, so that short prompts go in at once. Knows no clock: it is told times.
/// Deterministic; not thread-safe.
/// </summary>
internal sealed class StepPacer(double maxStretch, RowCosts decode)
{
    /// <summary>What can be saved up, in steps without prompts.</summary>
    private const double MostCredit = 4;

    /// <summary>What a prompt token is thought to add at least when nothing is known, as a share of a step.</summary>
    private const double LeastExtra = 0.02;

    /// <summary>Prompt tokens from which a step without decoding shows what a token costs.</summary>
    private const int LeastPrefill = 8;

    /// <summary>How fast the cost of a token follows what is measured: in whichever direction, so that noise does not add up.</summary>
    private const double Following = 0.02;

    /// <summary>Steps with prompts after which one without shows what it takes now: contexts grow.</summary>
    private const int StepsToProbe = 16;

    private double _prefillSeconds;
    private double _addedSeconds;
    private double _partOfToken;
    private int _stepsSinceProbe;
    private bool _isTold;
    private double _credit = MostCredit;

    /// <summary>Prompt tokens for a step; 0 where a step without any has still to show what it takes.</summary>
    /// <param name="rows">Rows of the step without prompts.</param>
    /// <param name="decoding">Answers whose next token the step computes, and whose readers a longer step delays.</param>
    /// <param name="waiting">Answers that wait for their prompts: where they are more than those decoding, they weigh more.</param>
    /// <param name="tokens">Tokens of those prompts that are still to be computed.</param>
    public int PrefillTokens(int rows, int decoding, int waiting, int tokens)
    {
        if (decoding == 0 || waiting == 0)
            return int.MaxValue;
        if (decode.Nearest(rows) is not { } seconds)
            return _isTold ? 0 : int.MaxValue;
        if (_stepsSinceProbe >= StepsToProbe)
            return 0;
        if (AddedSeconds == 0)
            return 1;
        double step = seconds * Weight(decoding, waiting);
        if (tokens * Math.Max(_prefillSeconds, _addedSeconds) <= (maxStretch - 1 + _credit) * step)
            return tokens;
        _credit = 0;
        double share = ((maxStretch - 1) * step / AddedSeconds) + _partOfToken;
        int whole = (int)Math.Min(share, int.MaxValue);
        _partOfToken = share - whole;
        return whole;
    }

    /// <summary>Learns what a step took.</summary>
    /// <param name="rows">As before the step, as the next two.</param>
    /// <param name="decoding">Answers whose next token it computed, and that prompts delayed.</param>
    /// <param name="waiting">Answers that waited for their prompts.</param>
    /// <param name="prefill">Prompt tokens that it had.</param>
    /// <param name="seconds">Its time, until the next could begin.</param>
    public void Learn(int rows, int decoding, int waiting, int prefill, double seconds)
    {
        if (seconds <= 0)
            return;
        _isTold = true;
        if (decoding == 0)
        {
            if (prefill >= LeastPrefill)
                _prefillSeconds = seconds / prefill;
        }
        else if (prefill == 0)
        {
            decode.Learn(rows, seconds);
            _stepsSinceProbe = 0;
            if (waiting == 0)
                _credit = Math.Min(_credit + maxStretch - 1, MostCredit);
        }
        else if (decode.Nearest(rows) is { } without)
        {
            _stepsSinceProbe++;
            double extra = Math.Max(seconds - without, 0);
            LearnTokens(extra / prefill, without * LeastExtra / prefill);
            double left = _credit + maxStretch - 1 - (extra / (without * Weight(decoding, waiting)));
            _credit = Math.Clamp(left, 0, _credit);
        }
    }

    private static double Weight(int decoding, int waiting) => Math.Max(1, (double)waiting / decoding);

    /// <summary>
    /// What a prompt token adds to a step beside answers, on the average of its chunk: the first rows may ride along while weights
    /// are read, and attention grows with the prompt. Before any was measured, what it costs in steps without decoding.
    /// </summary>
    private double AddedSeconds => _addedSeconds > 0 ? _addedSeconds : _prefillSeconds;

    private void LearnTokens(double sample, double least)
    {
        double known = AddedSeconds;
        _addedSeconds = known == 0 ? Math.Max(sample, least) : known + Math.Clamp(sample - known, -Following * known, Following * known);
    }
}
