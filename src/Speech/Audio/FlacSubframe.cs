namespace Inference.Speech.Audio;

/// <summary>One channel of a FLAC frame.</summary>
internal static class FlacSubframe
{
    private static readonly int[][] FixedCoefficients = [[], [1], [2, -1], [3, -3, 1], [4, -6, 4, -1]];

    public static void Read(ref FlacBits bits, Span<long> samples, int depth, long frame)
    {
        if (bits.Read(1) != 0)
        {
            throw FlacFrame.Damaged(frame, "has a subframe without its leading zero");
        }

        int type = (int)bits.Read(6);
        int wasted = bits.Read(1) == 0 ? 0 : bits.ReadUnary() + 1;
        depth -= wasted;
        if (depth < 1)
        {
            throw FlacFrame.Damaged(frame, $"has a subframe of {depth} bits");
        }

        switch (type)
        {
            case 0:
                samples.Fill(ReadSample(ref bits, depth));
                break;
            case 1:
                Verbatim(ref bits, samples, depth);
                break;
            case >= 8 and <= 12:
                Predict(ref bits, samples, depth, FixedCoefficients[type - 8], frame);
                break;
            case >= 32:
                Linear(ref bits, samples, depth, type - 31, frame);
                break;
            default:
                throw FlacFrame.Damaged(frame, $"has a subframe of the reserved type {type}");
        }

        for (int i = 0; i < samples.Length && wasted > 0; i++)
        {
            samples[i] <<= wasted;
        }
    }

    private static long ReadSample(ref FlacBits bits, int depth)
    {
        // A side channel of 32-bit samples has 33.
        return depth <= 32 ? bits.ReadSigned(depth) : ((long)bits.ReadSigned(depth - 16) << 16) | bits.Read(16);
    }

    private static void Verbatim(ref FlacBits bits, Span<long> samples, int depth)
    {
        foreach (ref long sample in samples)
        {
            sample = ReadSample(ref bits, depth);
        }
    }

    private static void Predict(ref FlacBits bits, Span<long> samples, int depth, ReadOnlySpan<int> coefficients, long frame)
    {
        WarmUp(ref bits, samples, depth, coefficients.Length, frame);
        Residual(ref bits, samples, coefficients.Length, frame);
        Restore(samples, coefficients, 0);
    }

    private static void Linear(ref FlacBits bits, Span<long> samples, int depth, int order, long frame)
    {
        WarmUp(ref bits, samples, depth, order, frame);
        int precision = (int)bits.Read(4) + 1;
        int shift = bits.ReadSigned(5);
        if (precision == 16 || shift < 0)
        {
            throw FlacFrame.Damaged(frame, $"has a predictor of {precision} bits, shifted by {shift}");
        }

        Span<int> coefficients = stackalloc int[order];
        foreach (ref int coefficient in coefficients)
        {
            coefficient = bits.ReadSigned(precision);
        }

        Residual(ref bits, samples, order, frame);
        Restore(samples, coefficients, shift);
    }

    private static void WarmUp(ref FlacBits bits, Span<long> samples, int depth, int order, long frame)
    {
        if (order > samples.Length)
        {
            throw FlacFrame.Damaged(frame, $"has a predictor of order {order} for {samples.Length} samples");
        }

        Verbatim(ref bits, samples[..order], depth);
    }

    private static void Residual(ref FlacBits bits, Span<long> samples, int order, long frame)
    {
        int method = (int)bits.Read(2);
        int partitionOrder = (int)bits.Read(4);
        int partition = samples.Length >> partitionOrder;
        if (method > 1 || partition << partitionOrder != samples.Length || partition < order)
        {
            throw FlacFrame.Damaged(frame, $"has a residual of coding {method} in 2^{partitionOrder} parts");
        }

        int width = method == 0 ? 4 : 5;
        int at = order;
        for (int end = partition; end <= samples.Length; end += partition)
        {
            int parameter = (int)bits.Read(width);
            if (parameter == (1 << width) - 1)
            {
                int raw = (int)bits.Read(5);
                for (; at < end; at++)
                {
                    samples[at] = bits.ReadSigned(raw);
                }
            }

            for (; at < end; at++)
            {
                uint folded = ((uint)bits.ReadUnary() << parameter) | bits.Read(parameter);
                samples[at] = (int)(folded >> 1) ^ -(int)(folded & 1);
            }
        }
    }

    private static void Restore(Span<long> samples, ReadOnlySpan<int> coefficients, int shift)
    {
        for (int i = coefficients.Length; i < samples.Length; i++)
        {
            long sum = 0;
            for (int j = 0; j < coefficients.Length; j++)
            {
                sum += coefficients[j] * samples[i - 1 - j];
            }

            samples[i] += sum >> shift;
        }
    }
}
