namespace Inference.Speech.Audio;

/// <summary>Writes a block of 16-bit samples in the shortest of FLAC's ways but linear prediction.</summary>
internal static class FlacSubframeWriter
{
    private const int Depth = 16;
    private const int MostOrder = 4;
    private const int MostParameter = 14;

    // A block that divides so has parameters of its own for each eighth.
    private const int PartitionOrder = 3;

    /// <param name="bits">Get the subframe.</param>
    /// <param name="samples">At least one; left as differences.</param>
    public static void Write(FlacBitWriter bits, Span<int> samples)
    {
        if (!samples.ContainsAnyExcept(samples[0]))
        {
            bits.Write(0, 8);
            bits.Write((uint)samples[0], Depth);
            return;
        }

        Span<int> residual = samples.Length <= 1_024 ? stackalloc int[samples.Length] : new int[samples.Length];
        int order = BestOrder(samples, residual);
        int partitions = samples.Length % (1 << PartitionOrder) == 0 && samples.Length >> PartitionOrder > MostOrder ? 1 << PartitionOrder : 1;
        int partition = samples.Length / partitions;
        Span<int> parameters = stackalloc int[partitions];
        long size = (order * Depth) + 6;
        for (int p = 0; p < partitions; p++)
        {
            size += 4 + BestParameter(residual[Math.Max(order, p * partition)..((p + 1) * partition)], out parameters[p]);
        }

        if (size >= (long)samples.Length * Depth)
        {
            bits.Write(1 << 1, 8);
            WriteSamples(bits, samples);
            return;
        }

        bits.Write((uint)(8 + order) << 1, 8);
        WriteSamples(bits, samples[..order]);
        bits.Write((uint)(partitions == 1 ? 0 : PartitionOrder), 6);
        for (int p = 0; p < partitions; p++)
        {
            int parameter = parameters[p];
            bits.Write((uint)parameter, 4);
            foreach (int value in residual[Math.Max(order, p * partition)..((p + 1) * partition)])
            {
                uint folded = Fold(value);
                bits.WriteUnary(folded >> parameter);
                bits.Write(folded, parameter);
            }
        }
    }

    private static void WriteSamples(FlacBitWriter bits, ReadOnlySpan<int> samples)
    {
        foreach (int sample in samples)
        {
            bits.Write((uint)sample, Depth);
        }
    }

    /// <summary>The order whose differences are smallest together; they are left in the residual.</summary>
    private static int BestOrder(ReadOnlySpan<int> samples, Span<int> residual)
    {
        int best = 0;
        long bestSum = long.MaxValue;
        samples.CopyTo(residual);
        for (int order = 0; order <= Math.Min(MostOrder, samples.Length - 1); order++)
        {
            if (order > 0)
            {
                Difference(residual, order);
            }

            long sum = 0;
            foreach (int value in residual[order..])
            {
                sum += Math.Abs(value);
            }

            (best, bestSum) = sum < bestSum ? (order, sum) : (best, bestSum);
        }

        samples.CopyTo(residual);
        for (int order = 1; order <= best; order++)
        {
            Difference(residual, order);
        }

        return best;
    }

    /// <summary>The next differences; those before the order stay as they were.</summary>
    private static void Difference(Span<int> values, int order)
    {
        for (int i = values.Length - 1; i >= order; i--)
        {
            values[i] -= values[i - 1];
        }
    }

    private static long BestParameter(ReadOnlySpan<int> residual, out int parameter)
    {
        long best = long.MaxValue;
        parameter = 0;
        for (int candidate = 0; candidate <= MostParameter; candidate++)
        {
            long size = (long)residual.Length * (candidate + 1);
            foreach (int value in residual)
            {
                size += Fold(value) >> candidate;
            }

            (best, parameter) = size < best ? (size, candidate) : (best, parameter);
        }

        return best;
    }

    private static uint Fold(int value) => (uint)((value << 1) ^ (value >> 31));
}
