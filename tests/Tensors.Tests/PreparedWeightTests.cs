using System.Collections.Concurrent;
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
                    Agree(isa, threads, emitted, backend => [Product(backend, rows, columns, (type, outputs, rows % 2 == 0))]);
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Products_made_together_have_the_bits_of_each_alone(Isa isa, int threads, bool emitted)
    {
        using CpuBackend backend = new(threads, isa, emitted);
        DType[] types = Enum.GetValues<DType>();
        using Tensor shared = Samples.Normal(1, 37, 256);
        (int Rows, int First)[] slices = [(1, 3), (37, 0), (1, 3), (5, 20), (0, 7), (14, 4)];
        Tensor[] weights = [.. slices.SelectMany((_, i) => new[] { 70, 33 }.Select(outputs => Samples.Normal(10 + i, outputs, 256, 1, types[(i + outputs) % types.Length])))];
        PreparedWeight[] prepared = [.. slices.Select((_, i) => backend.Prepare(weights[2 * i], weights[(2 * i) + 1]))];
        Tensor[] x = [.. slices.Select(slice => shared.Slice(slice.First, slice.Rows))];
        x[2] = x[0];
        Tensor[][] Outputs() => [.. slices.Select(slice => new[] { Samples.Poisoned(slice.Rows, 70), Samples.Poisoned(slice.Rows, 33) })];
        using Tensor bias = Samples.Normal(9, 1, 33);

        for (int pass = 0; pass < 2; pass++)
        {
            Tensor[][] together = Outputs(), alone = Outputs();
            backend.Linear([.. slices.Select((_, i) => new LinearProduct(x[i], prepared[i], i % 2 == 0 ? [] : [null, bias], together[i]))]);
            for (int i = 0; i < slices.Length; i++)
            {
                ((IBackend)backend).Linear(x[i], prepared[i], i % 2 == 0 ? [] : [null, bias], alone[i]);
                Assert.Equal(alone[i].Select(y => y.Span.ToArray()), together[i].Select(y => y.Span.ToArray()));
                Assert.DoesNotContain(float.NaN, together[i][0].Span.ToArray());
            }
        }

        Array.ForEach(prepared, w => w.Dispose());
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Parts_of_different_formats_and_sizes_are_one_product(Isa isa, int threads, bool emitted)
    {
        using CpuBackend backend = new(threads, isa, emitted);
        using Tensor x = Samples.Normal(1, 9, 256);
        IEnumerable<Tensor> weights = Enum.GetValues<DType>().Select((type, i) => Samples.Normal(10 + i, (40 * i) + 3, 256, 1, type));
        using PreparedWeight w = backend.Prepare([.. weights]);
        Tensor[] y = [.. w.Parts.Select(part => Samples.Poisoned(9, part.Rows))];
        Tensor?[] bias = [.. w.Parts.Select((part, i) => i % 2 == 0 ? Samples.Normal(i, 1, part.Rows) : null)];

        ((IBackend)backend).Linear(x, w, bias, y);

        for (int i = 0; i < y.Length; i++)
        {
            using PreparedWeight part = backend.Prepare(w.Parts[i]);
            Tensor alone = Samples.Poisoned(9, y[i].Columns);
            ((IBackend)backend).Linear(x, part, bias[i], alone);
            Backends.SameBits(alone.Span, y[i].Span);
        }
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
    public void Products_of_few_rows_keep_panels_little_by_little_and_read_the_others_again()
    {
        (Owner owner, List<float[]> products) = Multiply(rows: 1, times: 4);

        // Two panels: none is kept by the first product, one by the second, the other by the third; the fourth reads nothing.
        (int, int) first = (0, 32 * 64 * 4), second = (32 * 64 * 4, 8 * 64 * 4);
        Assert.Equal(CpuFeatures.Best == Isa.Avx512 ? [first, second, first, second, second] : [], owner.Read);
        Assert.All(products, y => Assert.Equal(products[0], y));
    }

    [Fact]
    public void A_product_of_many_rows_keeps_all_panels_at_once()
    {
        (Owner owner, List<float[]> products) = Multiply(rows: 64, times: 2);

        Assert.Equal(CpuFeatures.Best == Isa.Avx512 ? [(0, 32 * 64 * 4), (32 * 64 * 4, 8 * 64 * 4)] : [], owner.Read);
        Assert.Equal(products[0], products[1]);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Rows_that_can_be_brought_in_are_brought_by_groups_and_given_back(int threads)
    {
        using CpuBackend backend = new(threads);
        using Tensor memory = Samples.Normal(1, 704, 1024), x = Samples.Normal(2, 3, 1024);
        Owner owner = new(memory.Data) { CanBring = true };
        using PreparedWeight read = backend.Prepare(memory), brought = backend.Prepare(Tensor.Borrow(DType.F32, 704, 1024, memory.Data, owner));
        using Tensor expected = Samples.Poisoned(3, 704), y = Samples.Poisoned(3, 704);

        ((IBackend)backend).Linear(x, read, [], [expected]);
        ((IBackend)backend).Linear(x, brought, [], [y]);

        Backends.SameBits(expected.Span, y.Span);
        Assert.Empty(owner.Read);

        // 22 panels of 128 KB: sixteen, and the other six.
        Assert.Equal(CpuFeatures.Best == Isa.Avx512 ? [(0, 16 << 17), (16 << 17, 6 << 17)] : new List<(int, int)>(), owner.Brought.Order());
        Assert.Equal(owner.Brought.Order(), owner.GivenBack.Order());
    }

    [Fact]
    public void Rows_of_a_table_that_can_be_read_again_are_read_and_not_touched()
    {
        using CpuBackend backend = new(1);
        using Tensor memory = Samples.Normal(1, 40, 64), y = Samples.Poisoned(2, 64);
        Owner owner = new(memory.Data);

        backend.Embedding(Tensor.Borrow(DType.F32, 40, 64, memory.Data, owner), [7, 3], y);

        Assert.Equal([(7 * 64 * 4, 64 * 4), (3 * 64 * 4, 64 * 4)], owner.Read);
        Assert.Equal(memory.Row(7), y.Row(0));
        Assert.Equal(memory.Row(3), y.Row(1));
    }

    private static (Owner Owner, List<float[]> Products) Multiply(int rows, int times)
    {
        using CpuBackend backend = new(1, CpuFeatures.Best);
        using Tensor memory = Samples.Normal(1, 40, 64), x = Samples.Normal(2, rows, 64);
        Owner owner = new(memory.Data);
        Tensor weight = Tensor.Borrow(DType.F32, 40, 64, memory.Data, owner).Slice(0, 40);
        using PreparedWeight w = backend.Prepare(weight);
        Assert.Empty(owner.Read);
        List<float[]> products = [];
        for (int i = 0; i < times; i++)
        {
            using Tensor y = Samples.Poisoned(rows, 40);
            ((IBackend)backend).Linear(x, w, null, y);
            products.Add(y.Span.ToArray());
        }

        return (owner, products);
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

    /// <summary>
    /// Rounding x to bytes moves each number by at most 1/254 of the largest of its 32, 0.0027 on average of normal numbers: with
    /// random signs the product moves by about that times the square root of the columns, against sums of the same growth.
    /// </summary>
    [Theory]
    [MemberData(nameof(All))]
    public void Rounding_activations_to_bytes_moves_the_products_of_quantised_formats_by_less_than_a_hundredth(Isa isa, int threads, bool emitted)
    {
        foreach (DType type in Enum.GetValues<DType>().Where(type => type.BlockLength() > 1))
        {
            Agree(isa, threads, emitted, backend =>
            {
                using PreparedWeight w = backend.Prepare(Samples.Normal(2, 64, 1024, 1, type));
                Tensor y = Samples.Poisoned(3, 64);
                backend.Linear(Samples.Normal(1, 3, 1024), w, null, y);
                return [y];
            }, tolerance: 0.01);
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Rounding_activations_to_BF16_moves_a_product_by_less_than_their_eight_bits_say(Isa isa, int threads, bool emitted)
    {
        Agree(isa, threads, emitted, backend =>
        {
            using PreparedWeight w = backend.Prepare(Samples.Normal(2, 64, 1024, 1, DType.BF16));
            Tensor y = Samples.Poisoned(3, 64);
            backend.Linear(Samples.Normal(1, 3, 1024), w, null, y);
            return [y];
        }, tolerance: 1 / 256.0);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Quants_at_their_extremes_do_not_overflow(Isa isa, int threads, bool emitted)
    {
        foreach (DType type in Enum.GetValues<DType>().Where(type => type.BlockLength() > 1))
        {
            foreach ((int bits, float sign) in new[] { (0xFF, 1f), (0xFF, -1f), (0x80, 1f), (0x80, -1f), (0x7F, 1f), (0, -1f) })
            {
                Agree(isa, threads, emitted, backend =>
                {
                    using Tensor weight = Tensor.Allocate(32, 256, type), x = Tensor.Allocate(2, 256);
                    weight.Bytes.Fill((byte)bits);
                    for (int at = 0; at < weight.Bytes.Length; at += type.BlockBytes())
                    {
                        Span<byte> block = weight.Bytes.Slice(at, type.BlockBytes());
                        (type == DType.Q6_K ? block[208..] : block)[1] = 0x3C;
                        if (type is DType.Q4_1 or DType.Q5_1 or DType.Q4_K or DType.Q5_K)
                        {
                            block[3] = 0x3C;
                        }
                    }

                    x.Span.Fill(sign);
                    using PreparedWeight w = backend.Prepare(weight);
                    Tensor y = Samples.Poisoned(2, 32);
                    backend.Linear(Multiplied(backend, x, type), w, null, y);
                    return [y];
                });
            }
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public void An_undefined_activation_is_not_lost(Isa isa, int threads, bool emitted)
    {
        using CpuBackend backend = new(threads, isa, emitted);
        foreach (DType type in Enum.GetValues<DType>())
        {
            using Tensor x = Samples.Normal(1, 4, 256), weight = Samples.Normal(2, 40, 256, 1, type), y = Samples.Normal(3, 4, 40);
            x.Row(1)[77] = float.NaN;
            x.Row(2)[255] = float.PositiveInfinity;
            using PreparedWeight w = backend.Prepare(weight);
            ((IBackend)backend).Linear(x, w, null, y);
            Assert.All(y.Row(0).ToArray(), value => Assert.True(float.IsFinite(value)));
            Assert.All(y.Row(1).ToArray(), value => Assert.False(float.IsFinite(value)));
            Assert.All(y.Row(2).ToArray(), value => Assert.False(float.IsFinite(value)));
            Assert.All(y.Row(3).ToArray(), value => Assert.True(float.IsFinite(value)));
        }
    }

    /// <summary>
    /// The numbers that weights of a format are multiplied with: of a BF16 weight numbers in BF16; of a quantised one, in each 32
    /// the largest becomes 127 and the scale has 11 bits. With them the reference computes what the kernels do but for the
    /// rounding of sums.
    /// </summary>
    private static Tensor Multiplied(IBackend backend, Tensor x, DType weight)
    {
        if (weight == DType.BF16)
        {
            return x.ConvertTo(DType.BF16).ConvertTo(DType.F32);
        }

        if (weight.BlockLength() == 1 || backend is not ReferenceBackend)
        {
            return x;
        }

        Tensor rounded = Tensor.From(x.Rows, x.Columns, x.Span);
        for (int i = 0; i < rounded.Span.Length; i += 32)
        {
            Span<float> block = rounded.Span.Slice(i, 32);
            float largest = 0;
            foreach (float value in block)
            {
                largest = Math.Max(largest, Math.Abs(value));
            }

            float scale = (float)(Half)(largest / 127);
            foreach (ref float value in block)
            {
                value = scale * MathF.Round(value * (127 / largest));
            }
        }

        return rounded;
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

    private static Tensor Product(IBackend backend, int rows, int columns, (DType Type, int Outputs, bool HasBias) weight)
    {
        using PreparedWeight w = backend.Prepare(Samples.Normal(2, weight.Outputs, columns, 1, weight.Type));
        Tensor y = Samples.Poisoned(rows, weight.Outputs);
        backend.Linear(Multiplied(backend, Samples.Normal(1, rows, columns), weight.Type), w, weight.HasBias ? Samples.Normal(3, 1, weight.Outputs) : null, y);
        return y;
    }

    private sealed class Owner(nint start) : IRereadable
    {
        public List<(int Offset, int Bytes)> Read { get; } = [];

        public ConcurrentBag<(int Offset, int Bytes)> Brought { get; } = [];

        public ConcurrentBag<(int Offset, int Bytes)> GivenBack { get; } = [];

        public bool CanBring { get; init; }

        bool IRereadable.TryBring(nint data, long length)
        {
            Brought.Add(((int)(data - start), (int)length));
            return CanBring;
        }

        void IRereadable.GiveBack(nint data, long length) => GivenBack.Add(((int)(data - start), (int)length));

        void IRereadable.Read(nint data, Span<byte> target)
        {
            Read.Add(((int)(data - start), target.Length));
            unsafe
            {
                new Span<byte>((byte*)data, target.Length).CopyTo(target);
            }
        }
    }
}
