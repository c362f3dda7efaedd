namespace Inference.Speech.VoiceActivity;

/// <summary>The speech in a whole clip, by Silero's rules: `get_speech_timestamps` of silero-vad.</summary>
public static class SpeechSegments
{
    private const int FrameLength = IVoiceActivityModel.FrameLength, MillisecondSamples = IVoiceActivityModel.SampleRate / 1000;

    /// <summary>The segments of a clip.</summary>
    /// <param name="model">Tells speech from other sounds.</param>
    /// <param name="samples">Mono at 16 kHz.</param>
    /// <param name="threshold">The probability from which a frame is speech; it ends 0.15 below.</param>
    /// <param name="leastSpeech">Shorter segments are dropped, in milliseconds.</param>
    /// <param name="leastSilence">Shorter silences are bridged, in milliseconds.</param>
    /// <param name="padding">Added on each side, in milliseconds, as far as there is room.</param>
    public static IReadOnlyList<SpeechSegment> Find(
        IVoiceActivityModel model, ReadOnlySpan<float> samples, float threshold = 0.5f, int leastSpeech = 250, int leastSilence = 100, int padding = 30) =>
        Pad(Find(Probabilities(model, samples), threshold, leastSpeech * MillisecondSamples, leastSilence * MillisecondSamples, samples.Length),
            padding * MillisecondSamples, samples.Length);

    /// <summary>The probability of each frame; the last is filled up with silence.</summary>
    public static float[] Probabilities(IVoiceActivityModel model, ReadOnlySpan<float> samples)
    {
        IVoiceActivityDetector detector = model.CreateDetector();
        float[] probabilities = new float[(samples.Length + FrameLength - 1) / FrameLength];
        float[] frame = new float[FrameLength];
        for (int i = 0; i < probabilities.Length; i++)
        {
            ReadOnlySpan<float> rest = samples[(i * FrameLength)..];
            Array.Clear(frame);
            rest[..Math.Min(FrameLength, rest.Length)].CopyTo(frame);
            probabilities[i] = detector.Next(frame);
        }

        return probabilities;
    }

    private static List<SpeechSegment> Find(float[] probabilities, float threshold, int leastSpeech, int leastSilence, int length)
    {
        List<SpeechSegment> segments = [];
        int? start = null, silence = null;
        void Add(int end)
        {
            if (end - start > leastSpeech)
            {
                segments.Add(new SpeechSegment(start!.Value, end));
            }

            start = silence = null;
        }

        for (int i = 0; i < probabilities.Length; i++)
        {
            int at = i * FrameLength;
            if (probabilities[i] >= threshold)
            {
                silence = null;
                start ??= at;
            }
            else if (start is not null && probabilities[i] < threshold - 0.15f)
            {
                silence ??= at;
                if (at - silence >= leastSilence)
                {
                    Add(silence.Value);
                }
            }
        }

        if (start is not null)
        {
            Add(length);
        }

        return segments;
    }

    private static SpeechSegment[] Pad(List<SpeechSegment> segments, int padding, int length)
    {
        SpeechSegment[] padded = [.. segments];
        for (int i = 0; i < padded.Length; i++)
        {
            int before = i == 0 ? padded[i].Start : padded[i].Start - segments[i - 1].End;
            int after = i == padded.Length - 1 ? length - padded[i].End : segments[i + 1].Start - padded[i].End;
            padded[i] = new SpeechSegment(
                padded[i].Start - Math.Min(padding, i == 0 ? before : before / 2), padded[i].End + Math.Min(padding, i == padded.Length - 1 ? after : after / 2));
        }

        return padded;
    }
}
