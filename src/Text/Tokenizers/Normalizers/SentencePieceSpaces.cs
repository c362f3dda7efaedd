using System.Text;

namespace Inference.Text.Tokenizers.Normalizers;

/// <summary>
/// SentencePiece's white space: one space before the text, runs of spaces made one and those at the ends dropped, spaces spelled U+2581;
/// the first two by option. Source: google/sentencepiece, normalizer.cc (add_dummy_prefix, remove_extra_whitespaces).
/// </summary>
internal sealed class SentencePieceSpaces(bool addsPrefix, bool mergesSpaces) : INormalizer
{
    private const char Space = '\u2581';

    public string Apply(string text)
    {
        StringBuilder output = new(text.Length + 1);
        if (!mergesSpaces)
        {
            if (text.Length > 0 && addsPrefix) output.Append(Space);
            return output.Append(text).Replace(' ', Space).ToString();
        }

        foreach (string word in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (addsPrefix || output.Length > 0) output.Append(Space);
            output.Append(word);
        }

        return output.ToString();
    }
}
