using System.Runtime.InteropServices;

namespace Inference.DemoRecognizer;

/// <summary>
/// The training utterances: number i says what the seed and i decide, is spoken when first needed and then kept, its 16-bit
/// samples in one file, its phonemes in another.
/// </summary>
internal sealed class SpeechPool(string directory, int size, int seed, SpokenQuestions questions)
{
    /// <summary>Number of utterances.</summary>
    public int Size => size;

    /// <summary>So many of them, the first, are of one to four words of a question; as many that follow are of any words.</summary>
    public int ShortCount => size / 4;

    /// <summary>The text is one that training must not have.</summary>
    public bool IsHeldOut(string text) => questions.IsHeldOut(text);

    /// <summary>What an utterance says.</summary>
    public string TextOf(int index) => UtteranceOf(index).Text;

    /// <summary>An utterance, clean.</summary>
    public SpokenUtterance Get(int index)
    {
        Utterance utterance = UtteranceOf(index);
        string name = Path.Combine(directory, $"{seed}-{index:d6}"), file = name + ".s16", phonemes = name + ".ipa";
        if (!File.Exists(file))
        {
            Directory.CreateDirectory(directory);
            short[] samples = Array.ConvertAll(EspeakSpeaker.Speak(utterance, phonemes), s => (short)Math.Clamp(s * 32768, short.MinValue, short.MaxValue));
            File.WriteAllBytes(file + ".new", MemoryMarshal.AsBytes(samples.AsSpan()));
            File.Move(file + ".new", file, overwrite: true);
        }

        return new SpokenUtterance(
            utterance.Text, File.ReadAllText(phonemes), Array.ConvertAll(MemoryMarshal.Cast<byte, short>(File.ReadAllBytes(file)).ToArray(), s => s / 32768f));
    }

    private Utterance UtteranceOf(int index)
    {
        Random random = new(unchecked((seed * 1_000_003) + index));
        string text = index < ShortCount ? questions.DrawPart(random) : index < 2 * ShortCount ? questions.DrawWords(random) : questions.Draw(random);
        return new Utterance(text, Voices.Draw(random), random.Next(125, 215), random.Next(20, 80));
    }
}
