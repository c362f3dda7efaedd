using System.Globalization;
using System.Text;

namespace Inference.Speech.Synthesis.Vits;

/// <summary>A part as a VITS voice reads it: aliases in their places, spelled words apart.</summary>
/// <param name="Text">What is spoken.</param>
/// <param name="Sources">For each code unit of it, the offset in the script's text that it stands for.</param>
internal sealed record VitsText(string Text, IReadOnlyList<int> Sources)
{
    /// <summary>Reads a part. Phonemes of SSML are passed over: the run's text is spoken.</summary>
    public static VitsText Of(SpeechPart part)
    {
        StringBuilder text = new();
        List<int> sources = [];
        foreach (SpeechRun run in part.Runs)
        {
            string spoken = run.Manner.Alias ?? part.Text.Substring(run.Offset, run.Length);
            int at = 0;
            if (sources.Count > 0 && sources[^1] + 1 < run.Offset) Add(" ", run.Offset - 1);
            foreach (Rune rune in spoken.EnumerateRunes())
            {
                int source = run.Manner.Alias is null ? run.Offset + at : run.Offset;
                Add(Rune.IsControl(rune) ? " " : rune.ToString(), source);
                if (run.Manner.SpellOut) Add(", ", source);
                at += rune.Utf16SequenceLength;
            }

            if (run.Manner.Alias is not null) Add(" ", run.End - 1);
        }

        return new VitsText(text.ToString(), sources);

        void Add(string spoken, int source)
        {
            text.Append(spoken);
            sources.AddRange(Enumerable.Repeat(source, spoken.Length));
        }
    }

    /// <summary>The words' ranges in <see cref="Text"/>: letters and digits with what joins them; an ideograph is a word by itself.</summary>
    public IReadOnlyList<Range> Words()
    {
        List<Range> words = [];
        int start = -1;
        for (int i = 0; i < Text.Length; i++)
        {
            bool isWord = IsWord(Text[i]) || (start >= 0 && Text[i] is '\'' or '’' or '-' or '.' or ',' && i + 1 < Text.Length && IsWord(Text[i + 1]));
            if (start >= 0 && (!isWord || IsIdeograph(Text[i]) || IsIdeograph(Text[i - 1])))
            {
                words.Add(start..i);
                start = -1;
            }

            if (isWord && start < 0) start = i;
        }

        if (start >= 0) words.Add(start..Text.Length);
        return words;
    }

    private static bool IsWord(char c) => char.IsLetterOrDigit(c) || char.IsSurrogate(c)
        || CharUnicodeInfo.GetUnicodeCategory(c) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark;

    private static bool IsIdeograph(char c) => c is (>= '\u3400' and <= '\u9FFF') or (>= '\uF900' and <= '\uFAFF');
}
