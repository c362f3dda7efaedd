using Inference.Speech.Recognition;
using Inference.Training.Speech;

namespace Inference.DemoRecognizer;

/// <summary>
/// The endless stream of training examples: the pool's utterances, changed anew each time, and silence now and then. The first
/// ones are a few words long, which is where an alignment is found soonest.
/// </summary>
internal sealed class SpeechExamples(SpeechPool pool, RecognizerVocabulary vocabulary, LogMelSpectrogram spectrogram, int seed, int maxFrames)
{
    private const double SilenceShare = 0.03;

    /// <summary>Examples of a few words at the beginning.</summary>
    private const long ShortExamples = 16_000;

    /// <summary>Example number <paramref name="cursor"/>: the same each time.</summary>
    public SpeechExample At(long cursor)
    {
        Random random = new(unchecked((int)((seed * 7_368_787) + cursor)));
        if (random.NextDouble() < SilenceShare)
        {
            return new SpeechExample(Mel(random, Augmentation.Background(random)), vocabulary.Silence(), []);
        }

        // Utterances in an order of each epoch's own: a step coprime to the size visits all of them.
        bool isShort = cursor < ShortExamples;
        int count = isShort ? pool.ShortCount : pool.Size;
        (long epoch, long place) = Math.DivRem(isShort ? cursor : cursor - ShortExamples, count);
        (string text, float[] speech) = pool.Get((int)(((place * Stride(epoch, count)) + epoch) % count));
        if (random.NextDouble() < 0.5)
        {
            speech = Resampling.Resample(speech, 0.92 + (0.16 * random.NextDouble()), 1);
        }

        return new SpeechExample(Mel(random, Augmentation.Apply(random, speech, isClean: false)), vocabulary.Transcript(text), [.. text.Select(Letter)]);
    }

    /// <summary>Classes of <see cref="Letter"/>.</summary>
    public const int Letters = 28;

    private static int Letter(char c) => c switch { ' ' => 26, '\'' => 27, _ => c - 'a' };

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
