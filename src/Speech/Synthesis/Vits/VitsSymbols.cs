using System.Text;
using Inference.Models.Weights;
using Inference.Text.Tokenizers.Normalizers;

namespace Inference.Speech.Synthesis.Vits;

/// <summary>Characters or phonemes to a voice's symbols. What the voice does not know is left out.</summary>
internal static class VitsSymbols
{
    /// <summary>The symbols of a text, with what stands before, between and after them; none of a text without known characters.</summary>
    /// <param name="text">Characters, or phonemes.</param>
    /// <param name="offsets">For each code unit, where it comes from.</param>
    /// <param name="voice">The voice.</param>
    public static IReadOnlyList<VitsSymbol> Of(string text, IReadOnlyList<int> offsets, VitsVoiceFile voice)
    {
        List<VitsSymbol> symbols = [];
        int at = 0;
        foreach (Rune rune in text.EnumerateRunes())
        {
            foreach (int[] ids in Find(rune.ToString(), voice))
            {
                symbols.AddRange(ids.Concat(voice.After).Select(id => new VitsSymbol(id, offsets[at])));
            }

            at += rune.Utf16SequenceLength;
        }

        return symbols.Count == 0 ? [] :
        [
            .. voice.Begin.Select(id => new VitsSymbol(id, symbols[0].Offset)), .. symbols, .. voice.End.Select(id => new VitsSymbol(id, symbols[^1].Offset)),
        ];
    }

    private static IEnumerable<int[]> Find(string character, VitsVoiceFile voice)
    {
        string wanted = voice.Decomposes ? CanonicalDecomposition.Of(character) : character;
        return wanted.EnumerateRunes().Select(part => voice.Symbols.GetValueOrDefault(part.ToString())).OfType<int[]>();
    }
}
