using System.Text;
using Inference.Models.Weights;
using Inference.Text.Tokenizers;

namespace Inference.Generation.Speculation;

/// <summary>A draft model's token ids must mean what the model's mean.</summary>
internal static class DraftVocabulary
{
    /// <summary>Tokens that may have other texts: reserved ones are named differently from version to version.</summary>
    private const int MaxDifferences = 256;

    /// <exception cref="ModelFormatException">The vocabularies differ: names the first token.</exception>
    public static void Check(string path, Tokenizer target, Tokenizer draft)
    {
        int first = -1;
        int differences = 0;
        int common = Math.Min(target.VocabularySize, draft.VocabularySize);
        for (int id = 0; id < common; id++)
        {
            if (target.TokenBytes(id).SequenceEqual(draft.TokenBytes(id)))
                continue;
            differences++;
            first = first < 0 ? id : first;
        }

        if (differences > Math.Min(MaxDifferences, common / 100))
        {
            throw new ModelFormatException(path,
                $"a draft model must have the vocabulary of its model; {differences} of {common} tokens differ, token {first} is "
                + $"\"{Encoding.UTF8.GetString(draft.TokenBytes(first))}\", not \"{Encoding.UTF8.GetString(target.TokenBytes(first))}\"");
        }
    }
}
