using Inference.Models.Architectures;

namespace Inference.Speech.Bench;

/// <summary>Times of a sentence.</summary>
/// <param name="Audio">Seconds of it.</param>
/// <param name="Encode">Milliseconds to durations.</param>
/// <param name="First">Milliseconds to the first slice of samples, of 0.1 s.</param>
/// <param name="Whole">Milliseconds to the last one.</param>
internal readonly record struct VitsTimes(double Audio, double Encode, double First, double Whole)
{
    public static VitsTimes Worst { get; } = new(0, double.PositiveInfinity, double.PositiveInfinity, double.PositiveInfinity);

    public static VitsTimes Measure(Vits model, int rate, int symbols, double seconds, TimeProvider time)
    {
        int[] ids = [.. Enumerable.Range(0, symbols).Select(i => i % 2 == 0 ? 0 : i * 7 % model.Config.VocabularySize)];
        long start = time.GetTimestamp();
        double Elapsed() => time.GetElapsedTime(start).TotalMilliseconds;

        // Random durations are no speech's: lengths that give about the seconds asked for.
        using VitsUtterance probe = model.Encode(ids, [.. Enumerable.Repeat(1f, symbols)], default);
        float length = (float)(seconds * rate / model.FrameLength / probe.Frames);
        start = time.GetTimestamp();
        using VitsUtterance utterance = model.Encode(ids, [.. Enumerable.Repeat(length, symbols)], default);
        double encode = Elapsed(), first = 0;
        int slice = Math.Max(1, rate / 10 / model.FrameLength);
        float[] samples = new float[utterance.Frames * model.FrameLength];
        for (int frame = 0; frame < utterance.Frames;)
        {
            int count = Math.Min(slice, utterance.Frames - frame);
            model.Decode(utterance, frame, count, samples.AsSpan(frame * model.FrameLength, count * model.FrameLength));
            first = frame == 0 ? Elapsed() : first;
            frame += count;
            slice = Math.Min(2 * slice, 128);
        }

        return new VitsTimes((double)samples.Length / rate, encode, first, Elapsed());
    }

    public VitsTimes Best(VitsTimes other) => new(other.Audio, Math.Min(Encode, other.Encode), Math.Min(First, other.First), Math.Min(Whole, other.Whole));
}
