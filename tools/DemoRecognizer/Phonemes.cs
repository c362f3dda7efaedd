namespace Inference.DemoRecognizer;

/// <summary>
/// The sounds of an utterance as labels of the auxiliary loss: the characters of the International Phonetic Alphabet that espeak-ng
/// has for English, without stress and length, and a space between words.
/// </summary>
internal static class Phonemes
{
    private const string Alphabet = " abdefhijklmnoprstuvwxzæðŋɐɑɒɔəɚɛɜɡɪɹɾʃʊʌʍʒʔθᵻʉʲ";

    /// <summary>Classes of <see cref="Labels"/>.</summary>
    public static int Count => Alphabet.Length;

    /// <summary>The labels of a transcription; characters outside the alphabet are left out.</summary>
    public static int[] Labels(string transcription)
    {
        List<int> labels = [];
        foreach (string word in transcription.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
        {
            if (labels.Count > 0)
            {
                labels.Add(0);
            }

            labels.AddRange(word.Select(c => Alphabet.IndexOf(c, StringComparison.Ordinal)).Where(label => label > 0));
        }

        return [.. labels];
    }
}
