using Inference.Tensors.Cpu;
using Inference.Tensors.Cpu.Emit;
using Inference.Tensors.Reference;

namespace Inference.Tensors.Tests;

public class PreparedWeightTests
{
    /// <summary>Outputs and inputs around the sizes of panels, vectors and pairs.</summary>
    private static readonly (int Out, int In)[] Sizes = [(1, 1), (31, 3), (32, 32), (33, 31), (70, 100), (100, 129), (7, 96)];

    /// <summary>Every instruction set, one thread and three, with emitted kernels and without.</summary>
    public static TheoryData<Isa, int, bool> All()
    {
        TheoryData<Isa, int, bool> data = [];
        foreach (Isa isa in Enum.GetValues<Isa>().Where(CpuFeatures.Supports))
        {
            foreach (int threads in new[] { 1, 3 })
            {
                data.Add(isa, threads, false);
                if (isa == Isa.Avx512 && EmittedCode.IsSupported)
                {
                    data.Add(isa, threads, true);
                }
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Products_of_every_format_agree_with_the_reference_for_any_number_of_rows(Isa isa, int threads, bool emitted)
    {
        foreach (DType type in Enum.GetValues<DType>())
        {
            foreach ((int outputs, int columns) in Sizes.Where(size => size.In % type.BlockLength() == 0).Append((45, 1024)))
            {
                foreach (int rows in new[] { 1, 2, 3, 5, 7, 12, 13, 16, 29, 67 })
                {
                    Agree(isa, threads, emitted, backend =>
                    [
                        Product(backend, Samples.Exact(1, rows, columns), Samples.Normal(2, outputs, columns, 1, type), rows % 2 == 0),
                    ]);
                }
            }
        }
    }

    /// <summary>
    /// BF16 weights are multiplied with activations of 8 bits, those of blocks with activations of 7 bits below the
    /// largest of a block; a sum of n errors grows like the sum itself, by the square root of n.
    /// </summary>
    [Theory]
    [MemberData(nameof(All))]
    public void Rounding_the_activations_changes_a_product_by_less_than_their_bits_say(Isa isa, int threads, bool emitted)
    {
        foreach (DType type in Enum.GetValues<DType>())
        {
            double tolerance = type is DType.F32 or DType.F16 ? Backends.Tolerance : type == DType.BF16 ? 1 / 256.0 : 1 / 64.0;
            Agree(
                isa, threads, emitted, backend => [Product(backend, Samples.Normal(1, 5, 1024), Samples.Normal(2, 64, 1024, 1, type), false)],
                tolerance);
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public void A_number_that_is_none_in_the_activations_spoils_its_row_only(Isa isa, int threads, bool emitted)
    {
        using CpuBackend backend = new(threads, isa, emitted);
        foreach (DType type in new[] { DType.F32, DType.F16, DType.BF16 })
        {
            Tensor x = Samples.Exact(1, 17, 64), weight = Samples.Normal(2, 40, 64, 1, type);
            Tensor clean = Product(backend, x, weight, false);
            x.Row(3)[5] = float.NaN;
            Tensor spoilt = Product(backend, x, weight, false);

            Assert.All(spoilt.Row(3).ToArray(), value => Assert.True(float.IsNaN(value)));
            Backends.SameBits(clean.Span[..(3 * 40)], spoilt.Span[..(3 * 40)]);
            Backends.SameBits(clean.Span[(4 * 40)..], spoilt.Span[(4 * 40)..]);
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Parts_of_different_formats_and_sizes_are_one_product(Isa isa, int threads, bool emitted)
    {
        Agree(isa, threads, emitted, backend =>
        {
            IEnumerable<Tensor> weights = Enum.GetValues<DType>().Select((type, i) => Samples.Normal(10 + i, (40 * i) + 3, 256, 1, type));
            using PreparedWeight w = backend.Prepare([.. weights]);
            Tensor[] y = [.. w.Parts.Select(part => Samples.Poisoned(9, part.Rows))];
            Tensor?[] bias = [.. w.Parts.Select((part, i) => i % 2 == 0 ? Samples.Normal(i, 1, part.Rows) : null)];
            backend.Linear(Samples.Exact(1, 9, 256), w, bias, y);
            return y;
        });
    }

    [Theory]
    [MemberData(nameof(All))]
    public void A_row_has_the_same_bits_alone_in_any_batch_and_with_any_number_of_threads(Isa isa, int threads, bool emitted)
    {
        using CpuBackend single = new(1, isa, emitted);
        using CpuBackend backend = new(threads, isa, emitted);
        foreach (DType type in Enum.GetValues<DType>())
        {
            foreach (int columns in type.BlockLength() == 1 ? [96, 101] : new[] { Math.Max(96, type.BlockLength()) })
            {
                Tensor x = Samples.Normal(1, 70, columns), weight = Samples.Normal(2, 75, columns, 1, type), bias = Samples.Normal(3, 1, 75);
                using PreparedWeight alone = single.Prepare(weight), together = backend.Prepare(weight);
                Tensor batch = Samples.Poisoned(70, 75);
                ((IBackend)backend).Linear(x, together, bias, batch);
                for (int rows = 1; rows < 40; rows++)
                {
                    Tensor some = Samples.Poisoned(rows, 75);
                    ((IBackend)(rows % 2 == 0 ? single : backend)).Linear(x.Slice(30, rows), rows % 2 == 0 ? alone : together, bias, some);
                    Backends.SameBits(batch.Span.Slice(30 * 75, rows * 75), some.Span);
                }
            }
        }
    }

    [Fact]
    public void The_pages_of_a_weight_are_released_once_it_is_packed_and_not_before()
    {
        using CpuBackend backend = new(1, CpuFeatures.Best);
        using Tensor memory = Samples.Normal(1, 40, 64), x = Samples.Normal(2, 1, 64), y = Samples.Poisoned(1, 40);
        Owner owner = new();
        Tensor weight = Tensor.Borrow(DType.F32, 40, 64, memory.Data, owner).Slice(0, 40);
        using PreparedWeight w = backend.Prepare(weight);
        Assert.Empty(owner.Released);

        ((IBackend)backend).Linear(x, w, null, y);
        ((IBackend)backend).Linear(x, w, null, y);

        (nint Data, long Bytes)[] expected = CpuFeatures.Best == Isa.Avx512 ? [(memory.Data, 40 * 64 * 4)] : [];
        Assert.Equal(expected, owner.Released);
    }

    [Fact]
    public void Wrong_shapes_and_foreign_weights_are_refused()
    {
        using CpuBackend backend = new(1), other = new(1);
        using ReferenceBackend reference = new();
        foreach (IBackend b in new IBackend[] { backend, reference })
        {
            PreparedWeight w = b.Prepare(Samples.Normal(1, 5, 3), Samples.Normal(2, 4, 3));
            Tensor x = Samples.Normal(3, 2, 3), y0 = Samples.Poisoned(2, 5), y1 = Samples.Poisoned(2, 4);
            Assert.Throws<ArgumentException>("y[1]", () => b.Linear(x, w, [], [y0, y0]));
            Assert.Throws<ArgumentException>("y", () => b.Linear(x, w, [], [y0]));
            Assert.Throws<ArgumentException>("x", () => b.Linear(y1, w, [], [y0, y1]));
            Assert.Throws<ArgumentException>("bias", () => b.Linear(x, w, [null], [y0, y1]));
            Assert.Throws<ArgumentException>("bias[0]", () => b.Linear(x, w, [y1, null], [y0, y1]));
            Assert.Throws<ArgumentException>("parts[1]", () => b.Prepare(y0, y1));
            Assert.Throws<ArgumentException>("parts", () => b.Prepare());
        }

        PreparedWeight foreign = other.Prepare(Samples.Normal(1, 5, 3));
        Assert.Throws<ArgumentException>("w", () => ((IBackend)backend).Linear(Samples.Normal(3, 2, 3), foreign, null, Samples.Poisoned(2, 5)));
    }

    private static Tensor Product(IBackend backend, Tensor x, Tensor weight, bool hasBias)
    {
        using PreparedWeight w = backend.Prepare(weight);
        Tensor y = Samples.Poisoned(x.Rows, weight.Rows);
        backend.Linear(x, w, hasBias ? Samples.Normal(3, 1, weight.Rows) : null, y);
        return y;
    }

    private static void Agree(
        Isa isa, int threads, bool emitted, Func<IBackend, Tensor[]> compute, double tolerance = Backends.Tolerance)
    {
        using ReferenceBackend reference = new();
        using CpuBackend backend = new(threads, isa, emitted);
        Tensor[] expected = compute(reference), actual = compute(backend);
        for (int i = 0; i < expected.Length; i++)
        {
            Backends.Close(expected[i], actual[i], tolerance, $"result {i} of {backend.Name}");
        }
    }

    private sealed class Owner : IRereadable
    {
        public List<(nint Data, long Bytes)> Released { get; } = [];

        public void Release(nint data, long bytes) => Released.Add((data, bytes));
    }
}
