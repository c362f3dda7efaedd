namespace Inference.Speech.Synthesis.Vits;

/// <summary>Which word each phoneme of a clause belongs to, from readings of the words one by one (Levenshtein, 1966).</summary>
internal static class WordAlignment
{
    // Above so many cells the words get shares by their lengths.
    private const int MaxCells = 1 << 22;

    /// <summary>For each code unit of the clause the index of its word, never falling; zeros where there are no words.</summary>
    public static int[] Align(string clause, IReadOnlyList<string> words)
    {
        string alone = string.Concat(words);
        int[] owners = [.. words.SelectMany((word, i) => Enumerable.Repeat(i, word.Length))];
        int[] result = new int[clause.Length];
        if (alone.Length == 0) return result;
        if ((long)(clause.Length + 1) * (alone.Length + 1) > MaxCells)
        {
            for (int i = 0; i < result.Length; i++) result[i] = owners[(int)((long)i * owners.Length / result.Length)];
            return result;
        }

        int[,] cost = Costs(clause, alone);
        for (int i = clause.Length, j = alone.Length; i > 0;)
        {
            if (j > 0 && cost[i, j] == cost[i - 1, j - 1] + (clause[i - 1] == alone[j - 1] ? 0 : 1))
            {
                result[--i] = owners[--j];
            }
            else if (j > 0 && cost[i, j] == cost[i, j - 1] + 1)
            {
                j--;
            }
            else
            {
                // Nothing of the words stands for it, a space perhaps: it belongs to the word before.
                result[--i] = owners[Math.Max(0, j - 1)];
            }
        }

        return result;
    }

    private static int[,] Costs(string a, string b)
    {
        int[,] cost = new int[a.Length + 1, b.Length + 1];
        for (int i = 0; i <= a.Length; i++) cost[i, 0] = i;
        for (int j = 0; j <= b.Length; j++) cost[0, j] = j;
        for (int i = 1; i <= a.Length; i++)
        {
            for (int j = 1; j <= b.Length; j++)
            {
                cost[i, j] = Math.Min(cost[i - 1, j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1), Math.Min(cost[i - 1, j], cost[i, j - 1]) + 1);
            }
        }

        return cost;
    }
}
