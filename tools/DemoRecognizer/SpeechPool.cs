using System.Runtime.InteropServices;

namespace Inference.DemoRecognizer;

/// <summary>
/// The training utterances: number i says what the seed and i decide, is spoken when first needed and then kept in a file of
/// 16-bit samples.
/// </summary>
internal sealed class SpeechPool(string directory, int size, int seed, SpokenQuestions questions)
{
    /// <summary>Number of utterances.</summary>
    public int Size => size;

    /// <summary>So many of them, the first, are of one to four words of a question.</summary>
    public int ShortCount => size / 3;

    /// <summary>The text and the clean speech of an utterance.</summary>
    public (string Text, float[] Samples) Get(int index)
    {
        Random random = new(unchecked((seed * 1_000_003) + index));
        Utterance utterance = new(index < ShortCount ? questions.DrawPart(random) : questions.Draw(random), Voices.Draw(random), random.Next(125, 215), random.Next(20, 80));
        string file = Path.Combine(directory, $"{seed}-{index:d6}.s16");
        if (File.Exists(file))
        {
            return (utterance.Text, Array.ConvertAll(MemoryMarshal.Cast<byte, short>(File.ReadAllBytes(file)).ToArray(), s => s / 32768f));
        }

        short[] samples = Array.ConvertAll(EspeakSpeaker.Speak(utterance), s => (short)Math.Clamp(s * 32768, short.MinValue, short.MaxValue));
        Directory.CreateDirectory(directory);
        File.WriteAllBytes(file + ".new", MemoryMarshal.AsBytes(samples.AsSpan()));
        File.Move(file + ".new", file, overwrite: true);
        return (utterance.Text, Array.ConvertAll(samples, s => s / 32768f));
    }
}
