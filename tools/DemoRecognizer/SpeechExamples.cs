using Inference.Speech.Recognition;
using Inference.Training.Speech;

namespace Inference.DemoRecognizer;

/// <summary>
/// The endless stream of training examples: the pool's utterances, changed anew each time, sometimes two of them one after the
/// other, and silence now and then. The first ones may be a few words long, which is where an alignment is found soonest.
/// </summary>
/// <param name="pool">The utterances.</param>
/// <param name="vocabulary">The decoder's tokens.</param>
/// <param name="spectrogram">The front end.</param>
/// <param name="seed">Seed of all changes.</param>
/// <param name="shortExamples">Examples of a few words at the beginning.</param>
/// <param name="maxFrames">Most frames of an example.</param>
internal sealed class SpeechExamples(
    SpeechPool pool, RecognizerVocabulary vocabulary, LogMelSpectrogram spectrogram, int seed, long shortExamples, int maxFrames)
{
    private const double SilenceShare = 0.03, JoinedShare = 0.25, CleanShare = 0.45, OtherSpeedShare = 0.6, PromptShare = 0.1;

    /// <summary>Most samples of two utterances together, pauses not counted: 6.5 s.</summary>
    private const int MaxJoined = 104_000;

    /// <summary>Most letters of two utterances together.</summary>
    private const int MaxJoinedLetters = 80;

    /// <summary>Most tokens of a prompt.</summary>
    private const int MaxPrompt = 18;

    /// <summary>Example number <paramref name="cursor"/>: the same each time.</summary>
    public SpeechExample At(long cursor)
    {
        Random random = new(unchecked((int)((seed * 7_368_787) + cursor)));
        if (random.NextDouble() < SilenceShare)
        {
            // It is told at the start token, and again by nothing to say where a transcript is asked for all the same.
            float[] background = Mel(random, Augmentation.Background(random));
            return random.Next(2) == 0
                ? new SpeechExample(background, vocabulary.Silence(), []) : new SpeechExample(background, vocabulary.Transcript(null), [], PromptLength: 1);
        }

        // Utterances in an order of each epoch's own: a step coprime to the size visits all of them.
        bool isShort = cursor < shortExamples;
        int count = isShort ? pool.ShortCount : pool.Size;
        (long epoch, long place) = Math.DivRem(isShort ? cursor : cursor - shortExamples, count);
        SpokenUtterance utterance = pool.Get((int)(((place * Stride(epoch, count)) + epoch) % count));
        if (!isShort && random.NextDouble() < JoinedShare)
        {
            utterance = Joined(random, utterance, pool.Get(random.Next(2 * pool.ShortCount)));
        }

        float[] speech = random.NextDouble() < OtherSpeedShare
            ? Resampling.Resample(utterance.Samples, random.Next(45, 57), 50) : utterance.Samples;
        float[] mel = Mel(random, Augmentation.Apply(random, speech, isClean: random.NextDouble() < CleanShare));
        int[] tokens = vocabulary.Transcript(utterance.Text), prompt = random.NextDouble() < PromptShare ? vocabulary.Prompt(Before(random, utterance.Text), MaxPrompt) : [];
        return new SpeechExample(mel, [.. prompt, .. tokens], Phonemes.Labels(utterance.Phonemes), prompt.Length);
    }

    /// <summary>What may stand before an utterance: words to expect, some of them its own, or another text.</summary>
    private string Before(Random random, string text)
    {
        string other = pool.TextOf(random.Next(pool.Size));
        if (random.Next(2) == 0)
        {
            return other;
        }

        string[] words = [.. other.Split(' ').Take(2), .. random.Next(3) > 0 ? random.GetItems(text.Split(' '), 1) : []];
        random.Shuffle(words);
        return string.Join(", ", words);
    }

    /// <summary>One utterance and another in any order, or the first alone where both are too long or make a held-out question.</summary>
    private SpokenUtterance Joined(Random random, SpokenUtterance one, SpokenUtterance other)
    {
        if (one.Samples.Length + other.Samples.Length > MaxJoined || one.Text.Length + other.Text.Length >= MaxJoinedLetters)
        {
            return one;
        }

        (SpokenUtterance first, SpokenUtterance second) = random.Next(2) == 0 ? (one, other) : (other, one);
        string text = $"{first.Text} {second.Text}";
        return pool.IsHeldOut(text) ? one : new SpokenUtterance(text, $"{first.Phonemes} {second.Phonemes}", [.. first.Samples, .. second.Samples]);
    }

    private static long Stride(long epoch, int count)
    {
        long stride = 7919 + (2 * epoch);
        while (Gcd(stride, count) != 1)
        {
            stride++;
        }

        return stride;

        static long Gcd(long a, long b) => b == 0 ? a : Gcd(b, a % b);
    }

    /// <summary>The log-mel frames with some channels and some moments masked (SpecAugment, Park et al., 2019).</summary>
    private float[] Mel(Random random, float[] samples)
    {
        using LogMel mel = spectrogram.Compute(samples);
        int columns = mel.Frames.Columns, frames = Math.Min(mel.Frames.Rows, maxFrames) & ~1;
        float[] values = mel.Frames.Span[..(frames * columns)].ToArray();
        for (int mask = random.Next(3); mask > 0; mask--)
        {
            int width = random.Next(1, 13), first = random.Next(columns - width);
            for (int t = 0; t < frames; t++)
            {
                values.AsSpan((t * columns) + first, width).Fill(mel.Silence);
            }
        }

        for (int mask = random.Next(3); mask > 0; mask--)
        {
            int length = Math.Min(frames / 2, random.Next(1, 13)), first = random.Next(frames - length);
            values.AsSpan(first * columns, length * columns).Fill(mel.Silence);
        }

        return values;
    }
}
