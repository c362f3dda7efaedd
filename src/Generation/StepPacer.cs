namespace Inference.Generation;

/// <summary>
/// Says how many prompt tokens a step may take while answers are being decoded, from what steps have cost so far: steps
/// without prompts by their number of decoded rows, and what a prompt token adds. A long prompt is spread, so that each
/// step stays within <see cref="LlmEngineOptions.MaxStepStretch"/> of one without prompts. What steps without prompts leave
/// unused is saved up, to a limit, so that short prompts go in at once. Knows no clock: it is told times.
/// Deterministic; not thread-safe.
/// </summary>
internal sealed class StepPacer(double maxStretch, int maxDecoding)
{
    /// <summary>What can be saved up, in steps without prompts.</summary>
    private const double MostCredit = 4;

    /// <summary>What a step that took too long costs those after it, at most.</summary>
    private const double MostDebt = -0.1;

    /// <summary>Share of a step that a chunk must add to be noticed.</summary>
    private const double LeastExtra = 0.02;

    /// <summary>Prompt tokens from which a step without decoding shows what a token costs.</summary>
    private const int LeastPrefill = 8;

    /// <summary>Samples of steps without prompts of which the least counts: the first ones wait for code and weights.</summary>
    private const int FirstSamples = 8;

    /// <summary>How fast what a step takes without prompts follows what was measured: few slow steps change little.</summary>
    private const double Following = 0.02;

    /// <summary>Weight of a new sample of how many tokens ride along.</summary>
    private const double FreeWeight = 0.5;

    /// <summary>How fast a chunk grows that seems to take no time.</summary>
    private const double Growth = 0.05;

    private readonly double[] _decodeSeconds = new double[maxDecoding + 1];
    private readonly int[] _decodeSamples = new int[maxDecoding + 1];
    private double _tokenSeconds;
    private double _freeTokens;
    private bool _isTold;
    private double _credit = MostCredit;

    /// <summary>Prompt tokens for a step; 0 where a step without any has still to show what it takes.</summary>
    /// <param name="decoding">Answers whose next token the step computes, and whose readers a longer step delays.</param>
    /// <param name="waiting">Answers that wait for their prompts: where they are more than those decoding, they weigh more.</param>
    /// <param name="tokens">Tokens of those prompts that are still to be computed.</param>
    public int PrefillTokens(int decoding, int waiting, int tokens)
    {
        if (decoding == 0 || waiting == 0)
            return int.MaxValue;
        if (DecodeSeconds(decoding) is not { } decode)
            return _isTold ? 0 : int.MaxValue;
        double step = decode * Weight(decoding, waiting);
        if (tokens <= Tokens((maxStretch - 1 + _credit) * step))
            return tokens;
        _credit = Math.Min(_credit, 0);
        return Math.Max(1, Tokens((maxStretch - 1 + _credit) * step));
    }

    /// <summary>Learns what a step took.</summary>
    /// <param name="decoding">As before the step.</param>
    /// <param name="waiting">As before the step.</param>
    /// <param name="prefill">Prompt tokens that it had.</param>
    /// <param name="seconds">Its time, until the next could begin.</param>
    public void Learn(int decoding, int waiting, int prefill, double seconds)
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
            LearnDecode(decoding, seconds);
            _credit = Math.Min(_credit + maxStretch - 1, MostCredit);
        }
        else if (DecodeSeconds(decoding) is { } decode)
        {
            double extra = Math.Max(seconds - decode, 0);
            LearnTokens(prefill, extra, extra > decode * LeastExtra);
            double left = _credit + maxStretch - 1 - (extra / (decode * Weight(decoding, waiting)));
            _credit = Math.Clamp(left, MostDebt, Math.Max(_credit, 0));
        }
    }

    private static double Weight(int decoding, int waiting) => Math.Max(1, (double)waiting / decoding);

    private void LearnDecode(int decoding, double seconds)
    {
        ref double known = ref _decodeSeconds[decoding];
        if (_decodeSamples[decoding] < FirstSamples)
            known = _decodeSamples[decoding]++ == 0 ? seconds : Math.Min(known, seconds);
        else
            known += Math.Clamp(seconds - known, -Following * known, Following * known);
    }

    /// <summary>
    /// The first rows ride along while the weights are read; each one more costs the same. What a token costs is known from
    /// steps without decoding, and is at least its share of what was added here; how many ride along is learnt.
    /// </summary>
    private void LearnTokens(int tokens, double extra, bool isNoticeable)
    {
        _tokenSeconds = Math.Max(_tokenSeconds, extra / tokens);
        if (isNoticeable)
            _freeTokens += FreeWeight * (tokens - (extra / _tokenSeconds) - _freeTokens);
        else
            _freeTokens = Math.Max(_freeTokens, 0) + Math.Max(1, Growth * tokens);
    }

    private int Tokens(double seconds) => (int)Math.Clamp(_freeTokens + (_tokenSeconds > 0 ? seconds / _tokenSeconds : 0), 0, int.MaxValue);

    /// <summary>Of the nearest number of rows that is known; null before any.</summary>
    private double? DecodeSeconds(int decoding)
    {
        for (int distance = 0; distance < _decodeSeconds.Length; distance++)
        {
            foreach (int rows in (ReadOnlySpan<int>)[decoding - distance, decoding + distance])
            {
                if (rows >= 0 && rows < _decodeSeconds.Length && _decodeSeconds[rows] > 0)
                    return _decodeSeconds[rows];
            }
        }

        return null;
    }
}
