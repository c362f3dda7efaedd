using System.Globalization;
using System.Text;

namespace Inference.Speech.Synthesis.Vits;

/// <summary>A part as a VITS voice reads it: aliases in their places, spelled words apart.</summary>
/// <param name="Text">What is spoken.</param>
/// <param name="Sources">For each code unit of it, the offset in the script's text that it stands for.</param>
/// <param name="Pronunciations">Ranges of it that are pronounced otherwise, in IPA; in order.</param>
internal sealed record VitsText(string Text, IReadOnlyList<int> Sources, IReadOnlyList<(Range Range, string Ipa)> Pronunciations)
{
    /// <summary>Reads a part. Phonemes in eSpeak's mnemonics are passed over: the run's text is spoken.</summary>
    public static VitsText Of(SpeechPart part)
    {
        StringBuilder text = new();
        List<int> sources = [];
        List<(Range, string)> pronunciations = [];
        foreach (SpeechRun run in part.Runs)
        {
            string spoken = run.Manner.Alias ?? part.Text.Substring(run.Offset, run.Length);
            int at = 0;
            if (sources.Count > 0 && sources[^1] + 1 < run.Offset) Add(" ", run.Offset - 1);
            int start = text.Length;
            foreach (Rune rune in spoken.EnumerateRunes())
            {
                int source = run.Manner.Alias is null ? run.Offset + at : run.Offset;
                Add(Rune.IsControl(rune) ? " " : rune.ToString(), source);
                if (run.Manner.SpellOut) Add(", ", source);
                at += rune.Utf16SequenceLength;
            }

            if (run.Manner.Ipa is { } ipa) pronunciations.Add((start..text.Length, ipa));
            if (run.Manner.Alias is not null) Add(" ", run.End - 1);
        }

        return new VitsText(text.ToString(), sources, pronunciations);

        void Add(string spoken, int source)
        {
            text.Append(spoken);
            sources.AddRange(Enumerable.Repeat(source, spoken.Length));
        }
    }

    /// <summary>The words' ranges in <see cref="Text"/>: letters and digits with what joins them; an ideograph is a word by itself.</summary>
    public IReadOnlyList<Range> Words() => WordsOf(Text);

    /// <summary>The words' ranges in any text.</summary>
    public static IReadOnlyList<Range> WordsOf(string text)
    {
        List<Range> words = [];
        int start = -1;
        for (int i = 0; i < text.Length; i++)
        {
            bool isWord = IsWord(text[i]) || (start >= 0 && text[i] is '\'' or '’' or '-' or '.' or ',' && i + 1 < text.Length && IsWord(text[i + 1]));
            if (start >= 0 && (!isWord || IsIdeograph(text[i]) || IsIdeograph(text[i - 1])))
            {
                words.Add(start..i);
                start = -1;
            }

            if (isWord && start < 0) start = i;
        }

        if (start >= 0) words.Add(start..text.Length);
        return words;
    }

    private static bool IsWord(char c) => char.IsLetterOrDigit(c) || char.IsSurrogate(c)
        || CharUnicodeInfo.GetUnicodeCategory(c) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark;

    private static bool IsIdeograph(char c) => c is (>= '\u3400' and <= '\u9FFF') or (>= '\uF900' and <= '\uFAFF');
}
