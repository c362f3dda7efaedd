using Inference.Tensors;

namespace Inference.Models.Architectures;

/// <summary>The positions of Whisper's encoder.</summary>
public static class Sinusoids
{
    private const double LongestTimescale = 10_000;

    /// <summary>
    /// [positions, columns]: the first half of a row are the sines, the second the cosines of position / timescale, timescales
    /// in a geometric row from 1 to 10,000.
    /// </summary>
    public static Tensor Create(int positions, int columns)
    {
        int half = columns / 2;
        double step = Math.Log(LongestTimescale) / (half - 1);
        Tensor table = Tensor.Allocate(positions, columns);
        for (int p = 0; p < positions; p++)
        {
            Span<float> row = table.Row(p);
            for (int i = 0; i < half; i++)
            {
                double angle = p * Math.Exp(-step * i);
                row[i] = (float)Math.Sin(angle);
                row[half + i] = (float)Math.Cos(angle);
            }
        }

        return table;
    }
}
