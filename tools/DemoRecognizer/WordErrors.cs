namespace Inference.DemoRecognizer;

/// <summary>Word errors: substitutions, insertions and deletions on the shortest way from one text to the other.</summary>
internal static class WordErrors
{
    /// <summary>The number of errors and of words said.</summary>
    public static (int Errors, int Words) Count(string said, string heard)
    {
        string[] a = Words(said), b = Words(heard);
        int[] row = [.. Enumerable.Range(0, b.Length + 1)];
        for (int i = 1; i <= a.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.Length; j++)
            {
                int best = Math.Min(diagonal + (a[i - 1] == b[j - 1] ? 0 : 1), Math.Min(row[j], row[j - 1]) + 1);
                (diagonal, row[j]) = (row[j], best);
            }
        }

        return (row[b.Length], a.Length);
    }

    private static string[] Words(string text) => text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
}
