using Inference.Speech.Synthesis;

namespace Inference.Speech.Conversation;

/// <summary>Where an utterance falls silent for a while, in its samples.</summary>
/// <param name="End">The last that is heard ends here.</param>
/// <param name="Resume">Goes on here: at <paramref name="End"/>, or where a word is broken off at the word's mark, so that it is said whole.</param>
/// <param name="Said">The words before this were heard whole.</param>
internal readonly record struct TakeoverPoint(long End, long Resume, long Said)
{
    // 46 dB below full scale: between words of synthesized speech there is less, within them hardly for long.
    private const float Silence = 0.005f;

    // A quiet end of what is known is a pause, not the closure of a consonant, once it is so long.
    private const double SilenceSeconds = 0.05;

    private const double QuietestSeconds = 0.005;

    /// <summary>
    /// The first of: a word's mark or the end, the beginning of the silence after a word, a quiet moment within the word; each at most a window away.
    /// Null: audio that is not known yet may decide.
    /// </summary>
    /// <param name="marks">All so far, in order.</param>
    /// <param name="audio">What is known from <paramref name="heard"/> on.</param>
    /// <param name="sampleRate">Of <paramref name="audio"/>.</param>
    /// <param name="heard">What was heard until now.</param>
    /// <param name="first">Where it last began to speak: before a word, or within a silence.</param>
    /// <param name="window">Samples that may still be heard, 0 or more.</param>
    /// <param name="isEnd">Whether nothing follows <paramref name="audio"/>.</param>
    /// <param name="mayWait">Whether there is more to be heard meanwhile.</param>
    public static TakeoverPoint? Find(
        IReadOnlyList<SpeechMark> marks, ReadOnlySpan<float> audio, int sampleRate, long heard, long first, long window, bool isEnd, bool mayWait)
    {
        if (heard <= first) return At(first);
        long end = heard + audio.Length;
        SpeechMark[] words = [.. marks.Where(m => m.Kind == SpeechMarkKind.Word)];
        long next = Array.Find(words, m => m.Sample >= heard)?.Sample ?? (isEnd ? end : long.MaxValue);
        if (next - heard <= window) return At(next);

        ReadOnlySpan<float> rest = audio[..(int)(Math.Min(next, end) - heard)];
        int sounding = rest.LastIndexOfAnyExceptInRange(-Silence, Silence) + 1;
        if (sounding <= window && (next <= end || rest.Length - sounding >= SilenceSeconds * sampleRate))
        {
            return At(heard + sounding) with { Said = next <= end ? next : heard + sounding };
        }

        if (mayWait && !isEnd && end - heard < window) return null;
        long word = Math.Max(first, Array.FindLast(words, m => m.Sample <= heard)?.Sample ?? 0);
        long broken = heard + Quietest(audio[..(int)Math.Min(window, audio.Length)], (int)(QuietestSeconds * sampleRate));
        return new TakeoverPoint(broken, word, word);
    }

    private static TakeoverPoint At(long sample) => new(sample, sample, sample);

    // The middle of the pieces' quietest; 0 where there is not even one.
    private static int Quietest(ReadOnlySpan<float> audio, int length)
    {
        (int place, float least) = (0, float.PositiveInfinity);
        for (int start = 0; start + length <= audio.Length; start += length)
        {
            float energy = 0;
            foreach (float sample in audio.Slice(start, length)) energy += sample * sample;
            if (energy < least) (place, least) = (start + (length / 2), energy);
        }

        return place;
    }
}
