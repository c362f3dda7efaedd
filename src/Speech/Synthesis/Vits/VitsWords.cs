namespace Inference.Speech.Synthesis.Vits;

/// <summary>When the words of a part are heard, from its symbols' durations.</summary>
internal static class VitsWords
{
    /// <summary>Each word at the first symbol that comes from it or from what follows it.</summary>
    /// <param name="text">What is spoken.</param>
    /// <param name="part">Of which text.</param>
    /// <param name="symbols">In order.</param>
    /// <param name="durations">Frames of each.</param>
    /// <param name="sampleOf">Where a frame begins.</param>
    public static IReadOnlyList<SpokenWord> Of(
        VitsText text, SpeechPart part, IReadOnlyList<VitsSymbol> symbols, IReadOnlyList<int> durations, Func<int, int> sampleOf)
    {
        List<SpokenWord> words = [];
        int symbol = 0, frames = 0, last = -1;
        foreach (Range range in text.Words())
        {
            while (symbol < symbols.Count && symbols[symbol].Offset < range.Start.Value) frames += durations[symbol++];
            int offset = text.Sources[range.Start.Value], end = text.Sources[range.End.Value - 1] + 1;

            // An alias is one word of the text, however many it says.
            SpeechRun run = part.Runs.FirstOrDefault(r => offset < r.End, part.Runs[^1]);
            if (run.Manner.Alias is not null) end = run.End;
            if (offset <= last) continue;
            last = offset;
            words.Add(new SpokenWord(offset, end - offset, sampleOf(frames)));
        }

        return words;
    }
}
