using Inference.Tensors.Cpu;
using Inference.Tensors.Reference;

namespace Inference.Tensors.Tests;

/// <summary>The backends that are judged, and how far they may be from the reference.</summary>
internal static class Backends
{
    /// <summary>
    /// Largest difference, relative to the largest expected magnitude. Sums of n random products in F32 err by about
    /// sqrt(n) * 6e-8 of it; n is at most some thousands here, and exponentials add 2 ulp.
    /// </summary>
    public const double Tolerance = 1e-5;

    /// <summary>Every instruction set of this machine, with one thread and with three.</summary>
    public static TheoryData<Isa, int> All()
    {
        TheoryData<Isa, int> data = [];
        foreach (Isa isa in Enum.GetValues<Isa>().Where(CpuFeatures.Supports))
        {
            data.Add(isa, 1);
            data.Add(isa, 3);
        }

        return data;
    }

    /// <summary>Runs the same computation on the reference and on the backend under test, and compares all results.</summary>
    public static void Agree(Isa isa, int threads, Func<IBackend, Tensor[]> compute, double tolerance = Tolerance)
    {
        using ReferenceBackend reference = new();
        using CpuBackend backend = new(threads, isa);
        Tensor[] expected = compute(reference), actual = compute(backend);
        for (int i = 0; i < expected.Length; i++)
        {
            Close(expected[i], actual[i], tolerance, $"result {i} of {backend.Name}");
        }
    }

    public static void Close(Tensor expected, Tensor actual, double tolerance, string what)
    {
        double largest = 1e-6;
        foreach (float value in expected.Span)
        {
            Assert.True(float.IsFinite(value), $"{what}: the reference gives {value}");
            largest = Math.Max(largest, Math.Abs(value));
        }

        for (int i = 0; i < expected.Span.Length; i++)
        {
            float e = expected.Span[i], a = actual.Span[i];
            Assert.True(Math.Abs((double)e - a) <= tolerance * largest, $"{what}: {a} at {i}, expected {e}");
        }
    }

    public static void SameBits(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.Equal(BitConverter.SingleToInt32Bits(expected[i]), BitConverter.SingleToInt32Bits(actual[i]));
        }
    }
}
