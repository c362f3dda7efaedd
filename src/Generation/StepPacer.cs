namespace Inference.Generation;

/// <summary>
/// Says how many prompt tokens a step may take while answers are being decoded, from what steps have cost so far: steps
/// without prompts by their number of decoded rows, and what a prompt token adds. The time between two tokens of a
/// stream stays within <see cref="LlmEngineOptions.MaxStepStretch"/> of what it is without prompts, on the average: what
/// steps leave unused is saved up, to a limit, so that a short prompt goes in at once and only a long one is spread.
/// Knows no clock: it is told times. Deterministic; not thread-safe.
/// </summary>
internal sealed class StepPacer(double maxStretch, int maxDecoding)
{
    /// <summary>Prompt tokens of a step at least: fewer cost nearly as much.</summary>
    public const int LeastTokens = 8;

    /// <summary>What can be saved up, in steps without prompts.</summary>
    private const double MostCredit = 4;

    /// <summary>Weight of a new sample of a step without prompts.</summary>
    private const double DecodeWeight = 0.1;

    /// <summary>
    /// Weight of a new sample of what a token costs, in logarithms. The first rows ride along while weights are read, so
    /// the cost by token depends on the chunk; with a greater weight the chunk would swing.
    /// </summary>
    private const double TokenWeight = 0.25;

    private readonly double[] _decodeSeconds = new double[maxDecoding + 1];
    private double _tokenSeconds;
    private double _credit = MostCredit;

    /// <summary>Prompt tokens for a step.</summary>
    /// <param name="decoding">Answers whose next token the step computes, and whose readers a longer step delays.</param>
    /// <param name="waiting">Answers that wait for their prompts: where they are more than those decoding, they weigh more.</param>
    public int PrefillTokens(int decoding, int waiting)
    {
        if (decoding == 0 || waiting == 0)
            return int.MaxValue;
        if (DecodeSeconds(decoding) is not { } decode)
            return 0;
        if (_tokenSeconds == 0)
            return LeastTokens;
        double seconds = Math.Max(_credit, 0) * decode * Weight(decoding, waiting);
        return (int)Math.Clamp(seconds / _tokenSeconds, LeastTokens, int.MaxValue);
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
        if (prefill == 0)
        {
            if (decoding > 0)
                LearnDecode(decoding, seconds);
        }
        else if (decoding == 0)
        {
            _tokenSeconds = _tokenSeconds == 0 ? seconds / prefill : _tokenSeconds;
        }
        else if (DecodeSeconds(decoding) is { } decode)
        {
            double extra = Math.Max(seconds - decode, 0);
            LearnToken(Math.Max(extra, decode * 0.02) / prefill);
            _credit -= extra / (decode * Weight(decoding, waiting));
        }

        _credit = Math.Clamp(_credit + maxStretch - 1, -1, MostCredit);
    }

    private static double Weight(int decoding, int waiting) => Math.Max(1, (double)waiting / decoding);

    /// <summary>A step that was held up by something else counts little.</summary>
    private void LearnDecode(int decoding, double seconds)
    {
        ref double known = ref _decodeSeconds[decoding];
        known = known == 0 ? seconds : known + (DecodeWeight * (Math.Min(seconds, 2 * known) - known));
    }

    private void LearnToken(double seconds)
    {
        double ratio = _tokenSeconds == 0 ? 1 : Math.Clamp(seconds / _tokenSeconds, 0.5, 2);
        _tokenSeconds = _tokenSeconds == 0 ? seconds : _tokenSeconds * Math.Pow(ratio, TokenWeight);
    }

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
