using System.Globalization;
using System.Text;

namespace Inference.Speech.Synthesis.Espeak;

/// <summary>A sentence as espeak-ng reads it, in its own units. Equal texts sound equal.</summary>
/// <param name="Voice">Its identifier.</param>
/// <param name="Rate">Words a minute, 80 to 450.</param>
/// <param name="Pitch">0 to 99; 50 is the voice's own.</param>
/// <param name="Volume">0 to 200; 100 is the voice's own.</param>
/// <param name="HasEndPause">Whether a sentence's pause follows.</param>
/// <param name="Text">With embedded commands where the manner changes.</param>
internal sealed record EspeakText(string Voice, int Rate, int Pitch, int Volume, bool HasEndPause, string Text)
{
    private const char Command = '\x01';

    /// <summary>Writes a part of a script.</summary>
    /// <param name="part">Which.</param>
    /// <param name="voice">The voice's identifier.</param>
    /// <param name="sources">Receives, for each code point of the result, the offset in the script's text it stands for.</param>
    public static EspeakText Write(SpeechPart part, string voice, List<int> sources)
    {
        StringBuilder text = new();
        SpeechManner first = part.Runs[0].Manner, current = first;
        foreach (SpeechRun run in part.Runs)
        {
            if ((run.Manner.Rate, run.Manner.Pitch, run.Manner.Volume) != (current.Rate, current.Pitch, current.Volume))
            {
                string commands = string.Create(CultureInfo.InvariantCulture,
                    $" {Command}{ToRate(run.Manner.Rate)}S {Command}{ToPitch(run.Manner.Pitch)}P {Command}{ToVolume(run.Manner.Volume)}A ");
                Add(commands, run.Offset);
                current = run.Manner;
            }

            if (run.Manner.Phonemes is { } phonemes) Add($" [[{phonemes}]] ", run.Offset);
            else if (run.Manner.Alias is { } alias) AddSpoken(alias, _ => run.Offset, run.Manner.SpellOut);
            else AddSpoken(part.Text.Substring(run.Offset, run.Length), i => run.Offset + i, run.Manner.SpellOut);
        }

        return new EspeakText(voice, ToRate(first.Rate), ToPitch(first.Pitch), ToVolume(first.Volume), part.EndsSentence, text.ToString());

        void Add(string inserted, int source)
        {
            text.Append(inserted);
            for (int i = 0; i < inserted.Length; i++) sources.Add(source);
        }

        // Control characters would be commands, double brackets phonemes: neither is the text's to give.
        void AddSpoken(string spoken, Func<int, int> source, bool isSpelled)
        {
            int at = 0;
            foreach (Rune rune in spoken.EnumerateRunes())
            {
                bool isBlank = Rune.IsControl(rune) || (rune.Value == '[' && at > 0 && spoken[at - 1] == '[');
                text.Append(isBlank ? " " : rune.ToString());
                sources.Add(source(at));
                if (isSpelled) Add(", ", source(at));
                at += rune.Utf16SequenceLength;
            }
        }
    }

    private static int ToRate(float factor) => (int)Math.Round(Math.Clamp(175 * factor, 80, 450));

    // The library's table runs from half to twice the frequency, by powers of two.
    private static int ToPitch(float factor) => (int)Math.Round(Math.Clamp(50 + (50 * Math.Log2(factor)), 0, 99));

    private static int ToVolume(float factor) => (int)Math.Round(Math.Clamp(100 * factor, 0, 200));
}
