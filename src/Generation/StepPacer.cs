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

    /// <summary>What a step that took too long costs those after it, at most.</summary>
    private const double MostDebt = -0.1;

    /// <summary>Share of a step that a chunk must add to be noticed.</summary>
    private const double LeastExtra = 0.02;

    /// <summary>Prompt tokens from which a step without decoding shows what a token costs.</summary>
    private const int LeastPrefill = 8;

    /// <summary>Weight of a new sample of how many tokens ride along.</summary>
    private const double FreeWeight = 0.5;

    /// <summary>How fast a chunk grows that seems to take no time.</summary>
    private const double Growth = 0.05;

    /// <summary>Steps with prompts after which one without shows what it takes now: contexts grow.</summary>
    private const int StepsToProbe = 16;

    /// <summary>How much more one step can make a prompt token seem to cost.</summary>
    private const double Inflation = 1.5;

    private double _tokenSeconds;
    private double _freeTokens;
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
        double step = seconds * Weight(decoding, waiting);
        if (tokens <= Tokens((maxStretch - 1 + _credit) * step))
            return tokens;
        _credit = Math.Min(_credit, 0);
        return Math.Max(1, Tokens((maxStretch - 1 + _credit) * step));
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
                _tokenSeconds = seconds / prefill;
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
            LearnTokens(prefill, extra, extra > without * LeastExtra);
            double left = _credit + maxStretch - 1 - (extra / (without * Weight(decoding, waiting)));
            _credit = Math.Clamp(left, MostDebt, Math.Max(_credit, 0));
        }
    }

    private static double Weight(int decoding, int waiting) => Math.Max(1, (double)waiting / decoding);

    /// <summary>
    /// The first rows ride along while the weights are read; each one more costs the same. What a token costs is known from
    /// steps without decoding, and is at least its share of what was added here; how many ride along is learnt.
    /// </summary>
    private void LearnTokens(int tokens, double extra, bool isNoticeable)
    {
        _tokenSeconds = _tokenSeconds == 0 ? extra / tokens : Math.Clamp(extra / tokens, _tokenSeconds, Inflation * _tokenSeconds);
        if (isNoticeable)
            _freeTokens += FreeWeight * (tokens - (extra / _tokenSeconds) - _freeTokens);
        else
            _freeTokens = Math.Max(_freeTokens, 0) + Math.Max(1, Growth * tokens);
    }

    private int Tokens(double seconds) => (int)Math.Clamp(_freeTokens + (_tokenSeconds > 0 ? seconds / _tokenSeconds : 0), 0, int.MaxValue);
}
