namespace Inference.Speech.Recognition;

/// <summary>
/// Which token may come next (OpenAI's decoding.py): no blank at the beginning, no control tokens, timestamps in pairs that
/// never fall, the first within a second, and a timestamp where all timestamps together are likelier than any text.
/// </summary>
/// <param name="vocabulary">The model's tokens.</param>
/// <param name="timestamps">The transcript has timestamps.</param>
internal sealed class DecodingRules(WhisperVocabulary vocabulary, bool timestamps)
{
    /// <summary>The first timestamp is at most 1 s.</summary>
    private const int MaxFirstTimestamp = 50;

    /// <summary>Sets the logits of what may not follow to minus infinity.</summary>
    /// <param name="logits">Logits of the next token.</param>
    /// <param name="sampled">The tokens after the prompt.</param>
    public void Apply(Span<float> logits, IReadOnlyList<int> sampled)
    {
        foreach (int id in vocabulary.Suppressed)
        {
            logits[id] = float.NegativeInfinity;
        }

        if (sampled.Count == 0)
        {
            foreach (int id in vocabulary.Blank)
            {
                logits[id] = float.NegativeInfinity;
            }
        }

        if (vocabulary.NoTimestamps is int none)
        {
            logits[none] = float.NegativeInfinity;
        }

        if (vocabulary.FirstTimestamp is not int first)
        {
            return;
        }

        if (!timestamps)
        {
            logits[first..].Fill(float.NegativeInfinity);
            return;
        }

        bool lastIs = sampled.Count >= 1 && sampled[^1] >= first, beforeIs = sampled.Count < 2 || sampled[^2] >= first;
        if (lastIs)
        {
            if (beforeIs)
            {
                logits[first..].Fill(float.NegativeInfinity);
            }
            else
            {
                logits[..vocabulary.EndOfText].Fill(float.NegativeInfinity);
            }
        }

        int last = sampled.LastOrDefault(id => id >= first, -1);
        if (last >= 0)
        {
            // A timestamp may be repeated only to begin a segment where the one before ended.
            int least = lastIs && !beforeIs ? last : last + 1;
            logits[first..Math.Min(least, logits.Length)].Fill(float.NegativeInfinity);
        }

        if (sampled.Count == 0)
        {
            logits[..first].Fill(float.NegativeInfinity);
            int beyond = first + MaxFirstTimestamp + 1;
            if (beyond < logits.Length)
            {
                logits[beyond..].Fill(float.NegativeInfinity);
            }
        }

        if (LogSumExp(logits[first..]) > Largest(logits[..first]))
        {
            logits[..first].Fill(float.NegativeInfinity);
        }
    }

    /// <summary>log of the sum of e^x.</summary>
    public static float LogSumExp(ReadOnlySpan<float> values)
    {
        float largest = Largest(values);
        if (float.IsNegativeInfinity(largest))
        {
            return largest;
        }

        double sum = 0;
        foreach (float value in values)
        {
            sum += MathF.Exp(value - largest);
        }

        return largest + (float)Math.Log(sum);
    }

    private static float Largest(ReadOnlySpan<float> values)
    {
        float largest = float.NegativeInfinity;
        foreach (float value in values)
        {
            largest = MathF.Max(largest, value);
        }

        return largest;
    }
}
