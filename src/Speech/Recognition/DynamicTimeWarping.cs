namespace Inference.Speech.Recognition;

/// <summary>The cheapest monotonic path through a matrix of costs.</summary>
internal static class DynamicTimeWarping
{
    /// <summary>
    /// From the first row and column to the last of both, by steps down, right, or both; of equal costs the diagonal step is
    /// left to the others, as in OpenAI's timing.py.
    /// </summary>
    /// <param name="costs">[rows][columns], not empty.</param>
    public static (int Row, int Column)[] Path(float[][] costs)
    {
        int rows = costs.Length, columns = costs[0].Length;
        float[,] total = new float[rows + 1, columns + 1];
        byte[,] step = new byte[rows + 1, columns + 1];
        for (int i = 0; i <= rows; i++)
        {
            for (int j = 0; j <= columns; j++)
            {
                total[i, j] = float.PositiveInfinity;
            }
        }

        total[0, 0] = 0;
        for (int j = 1; j <= columns; j++)
        {
            for (int i = 1; i <= rows; i++)
            {
                float both = total[i - 1, j - 1], down = total[i - 1, j], right = total[i, j - 1];
                (float least, byte how) = both < down && both < right ? (both, (byte)0) : down < both && down < right ? (down, (byte)1) : (right, (byte)2);
                total[i, j] = costs[i - 1][j - 1] + least;
                step[i, j] = how;
            }
        }

        List<(int, int)> path = [];
        for (int i = rows, j = columns; i > 0 || j > 0;)
        {
            path.Add((Math.Max(0, i - 1), Math.Max(0, j - 1)));
            byte how = i == 0 ? (byte)2 : j == 0 ? (byte)1 : step[i, j];
            i -= how == 2 ? 0 : 1;
            j -= how == 1 ? 0 : 1;
        }

        path.Reverse();
        return [.. path];
    }
}
