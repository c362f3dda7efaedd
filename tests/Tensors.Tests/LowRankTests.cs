using Inference.Tensors.Cpu;

namespace Inference.Tensors.Tests;

public class LowRankTests
{
    private static readonly DType[] Formats = [DType.F32, DType.F16, DType.BF16, DType.Q8_0];

    private static readonly (int In, int Out, int Rank)[] Sizes = [(1, 1, 1), (7, 3, 2), (33, 65, 5), (96, 64, 16), (100, 130, 4), (260, 200, 33), (192, 64, 48)];

    /// <summary>Emitted kernels round x, and then x Aᵀ, to BF16: up to 2^-9 of each term, less in a sum.</summary>
    private const double RoundedTolerance = 5e-3;

    /// <summary>Those in 8 bits round x, and then x Aᵀ, to 1/254 of the largest of 32 and of 16 numbers.</summary>
    private const double ByteTolerance = 2e-2;

    public static TheoryData<Isa, int> All() => Backends.All();

    [Theory]
    [MemberData(nameof(All))]
    public void Changes_of_several_groups_of_rows_agree_with_plain_products(Isa isa, int threads)
    {
        bool rounds = isa == Isa.Avx512;
        AgreeWithPlainProducts(isa, threads, emitted: true, type => !rounds ? Backends.Tolerance : type switch
        {
            DType.BF16 => RoundedTolerance,
            DType.Q8_0 => ByteTolerance,
            _ => Backends.Tolerance,
        });
        AgreeWithPlainProducts(isa, threads, emitted: false, _ => Backends.Tolerance);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void The_reference_judges_alike(Isa isa, int threads)
    {
        foreach ((DType type, double rounded) in new[] { (DType.BF16, RoundedTolerance), (DType.Q8_0, ByteTolerance) })
        {
            Backends.Agree(isa, threads, backend =>
            {
                Tensor x = Samples.Normal(1, 5, 70), y = Samples.Normal(2, 5, 90);
                backend.AddLowRank([new LowRankProduct(x, [4, 1], Weight(3, 70, 90, 6, type, scaled: true), Samples.Normal(4, 1, 90), y)]);
                return [y];
            }, isa == Isa.Avx512 ? rounded : Backends.Tolerance);
        }
    }

    /// <summary>A is off by at most 1/254 of the largest of its row, B by 1/254 of the largest of a panel's columns, each relative to its column's.</summary>
    [Fact]
    public void Eight_bits_keep_each_number_to_a_share_of_its_row_or_column()
    {
        foreach ((int inputs, int outputs, int rank) in Sizes)
        {
            using Tensor a = Samples.Normal(1, rank, inputs), b = Samples.Normal(2, outputs, rank);
            for (int o = 0; o < outputs; o++)
            {
                b.Row(o)[0] *= 1000; // A column may be of another size than the others.
            }

            using LowRankWeight weight = new(a, b, 1, null, DType.Q8_0);
            for (int j = 0; j < rank; j++)
            {
                float[] row = a.ReadRow(j), column = [.. Enumerable.Range(0, outputs).Select(o => b.Row(o)[j])];
                float step = row.Max(MathF.Abs) / 254 * 1.001f, height = column.Max(MathF.Abs) / 254 * 1.001f;
                Assert.All(Enumerable.Range(0, inputs), i => Assert.InRange(weight.DownAt(j, i), row[i] - step, row[i] + step));
                Assert.All(Enumerable.Range(0, outputs), o => Assert.InRange(weight.UpAt(o, j), column[o] - height, column[o] + height));
            }
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public void A_number_that_is_not_finite_spoils_its_own_row_only(Isa isa, int threads)
    {
        using CpuBackend backend = new(threads, isa);
        foreach (DType type in Formats)
        {
            using Tensor x = Samples.Normal(1, 8, 96), y = Samples.Normal(2, 8, 64);
            x.Row(2)[33] = float.NaN;
            x.Row(5)[95] = float.PositiveInfinity;
            using LowRankWeight weight = Weight(3, 96, 64, 16, type, scaled: false);

            backend.AddLowRank([new(x, [.. Enumerable.Range(0, 8)], weight, null, y)]);

            for (int row = 0; row < 8; row++)
            {
                Assert.Equal(row is 2 or 5 ? 0 : 64, y.Row(row).ToArray().Count(float.IsFinite));
            }
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public void A_row_alone_has_the_bits_that_it_has_in_any_group_and_others_stay(Isa isa, int threads)
    {
        using CpuBackend single = new(1, isa);
        using CpuBackend backend = new(threads, isa);
        foreach ((int inputs, int outputs, int rank) in Sizes)
        {
            foreach (DType type in Formats)
            {
                using Tensor x = Samples.Normal(1, 32, inputs), before = Samples.Normal(2, 32, outputs), y = before.ConvertTo(DType.F32);
                using LowRankWeight first = Weight(3, inputs, outputs, rank, type, scaled: false), second = Weight(4, inputs, outputs, rank, type, scaled: true);
                backend.AddLowRank([new(x, [.. Enumerable.Range(0, 17)], first, null, y), new(x, [20, 30, 18, 25], second, null, y)]);
                for (int row = 0; row < x.Rows; row++)
                {
                    using Tensor alone = Tensor.From(1, outputs, before.Row(row));
                    LowRankWeight? weight = row < 17 ? first : row is 18 or 20 or 25 or 30 ? second : null;
                    if (weight is not null)
                    {
                        single.AddLowRank([new(x.Slice(row, 1), [0], weight, null, alone)]);
                    }

                    Backends.SameBits(alone.Span, y.Row(row));
                }
            }
        }
    }

    /// <summary>Of small whole numbers every kernel makes exact sums, rounded or not: nothing may be left out, doubled or in a wrong place.</summary>
    [Theory]
    [MemberData(nameof(All))]
    public void Whole_numbers_are_exact_in_every_format(Isa isa, int threads)
    {
        using CpuBackend backend = new(threads, isa);
        foreach ((int inputs, int outputs, int rank) in Sizes)
        {
            foreach (DType type in Formats.Where(type => type != DType.Q8_0))
            {
                Random random = new(inputs);
                Tensor Whole(int rows, int columns, double density) =>
                    Tensor.From(rows, columns, [.. Enumerable.Range(0, rows * columns).Select(_ => random.NextDouble() < density ? random.Next(-3, 4) : 0f)]);

                // At most 3 of 256 in x Aᵀ: BF16 has 8 bits.
                using Tensor a = Whole(rank, inputs, Math.Min(1, 8.0 / inputs)), b = Whole(outputs, rank, 1), x = Whole(9, inputs, 1), y = Whole(9, outputs, 1);
                using LowRankWeight weight = new(a, b, 1, null, type);
                float[][] expected = [.. Enumerable.Range(0, 9).Select(row =>
                {
                    float[] narrow = [.. Enumerable.Range(0, rank).Select(j => a.ReadRow(j).Zip(x.ReadRow(row), (c, d) => c * d).Sum())];
                    Assert.All(narrow, value => Assert.InRange(value, -256, 256));
                    return y.ReadRow(row).Select((value, o) => row is 0 or 8 ? value : value + b.ReadRow(o).Zip(narrow, (c, d) => c * d).Sum()).ToArray();
                })];

                backend.AddLowRank([new(x, [7, 2, 3, 4, 5, 6, 1], weight, null, y)]);

                for (int row = 0; row < 9; row++)
                {
                    Assert.Equal(expected[row], y.ReadRow(row));
                }
            }
        }
    }

    /// <summary>Each input alone, so that none can be left out, doubled or in a wrong place unseen.</summary>
    [Theory]
    [MemberData(nameof(All))]
    public void Every_input_counts_in_8_bits(Isa isa, int threads)
    {
        using CpuBackend backend = new(threads, isa);
        foreach ((int inputs, int outputs, int rank) in Sizes)
        {
            using Tensor x = Tensor.Allocate(inputs, inputs), y = Tensor.Allocate(inputs, outputs), expected = Tensor.Allocate(inputs, outputs);
            for (int i = 0; i < inputs; i++)
            {
                x.Row(i)[i] = 1;
            }

            using LowRankWeight weight = Weight(4, inputs, outputs, rank, DType.Q8_0, scaled: false);
            LowRankProduct[] products = [new(x, [.. Enumerable.Range(0, inputs)], weight, null, y)];
            backend.AddLowRank(products);
            products[0] = products[0] with { Y = expected };
            Plainly(products, expected);

            Backends.Close(expected, y, isa == Isa.Avx512 ? ByteTolerance : Backends.Tolerance, $"[{outputs}, {inputs}] of rank {rank}");
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public void A_product_with_its_changes_has_the_bits_of_one_after_the_other(Isa isa, int threads)
    {
        using CpuBackend backend = new(threads, isa);
        foreach ((DType type, DType changes) in new[] { (DType.BF16, DType.BF16), (DType.BF16, DType.Q8_0), (DType.Q8_0, DType.BF16), (DType.Q8_0, DType.Q8_0), (DType.F32, DType.Q8_0) })
        {
            using Tensor x = Samples.Normal(1, 19, 192), wide = Samples.Normal(2, 320, 192, 0.1f, type), narrow = Samples.Normal(3, 70, 192, 0.1f, type), bias = Samples.Normal(4, 1, 70);
            using PreparedWeight weight = backend.Prepare(wide, narrow);
            using LowRankWeight a = Weight(5, 192, 320, 16, changes, scaled: false), b = Weight(6, 192, 70, 5, changes, scaled: true), c = Weight(7, 192, 70, 3, DType.F32, scaled: false);
            int[] many = [.. Enumerable.Range(0, 14)];
            foreach (LowRankWeight last in new[] { b, c })
            {
                Tensor[] expected = [Poisoned(19, 320), Poisoned(19, 70)], actual = [Poisoned(19, 320), Poisoned(19, 70)];
                backend.Linear(x, weight, [null, bias], expected);
                backend.AddLowRank(
                [
                    new(x, many, a, null, expected[0]), new(x, many, b, bias, expected[1]), new(x, [15, 18], b, bias, expected[1]), new(x, [17], a, null, expected[0]),
                    new(x, [16], last, bias, expected[1]),
                ]);

                backend.Linear(
                    new LinearProduct(x, weight, [null, bias], actual),
                    new LowRankChanges(new(many, new(a, b)), new([15, 18], new(null, b)), new([17], new(a, null)), new([16], new(null, last))));

                Backends.SameBits(expected[0].Span, actual[0].Span);
                Backends.SameBits(expected[1].Span, actual[1].Span);
            }
        }
    }

    [Fact]
    public void Shapes_that_do_not_fit_are_refused()
    {
        using CpuBackend backend = new(1);
        using Tensor x = Tensor.Allocate(2, 8), y = Tensor.Allocate(2, 5);
        using LowRankWeight weight = Weight(1, 8, 5, 2, DType.F32, scaled: false), wide = Weight(1, 9, 5, 2, DType.F32, scaled: false);

        Assert.Throws<ArgumentException>(() => backend.AddLowRank([new(x, [0], wide, null, y)]));
        Assert.Throws<ArgumentException>(() => backend.AddLowRank([new(x, [0], weight, null, Tensor.Allocate(2, 6))]));
        Assert.Throws<ArgumentOutOfRangeException>(() => backend.AddLowRank([new(x, [2], weight, null, y)]));
        using Tensor layer = Tensor.Allocate(5, 8);
        using PreparedWeight prepared = backend.Prepare(layer);
        LinearProduct product = new(x, prepared, [], [y]);
        Assert.Throws<ArgumentException>(() => backend.Linear(product, new LowRankChanges(new LowRankChange([0], new(wide)))));
        Assert.Throws<ArgumentException>(() => backend.Linear(product, new LowRankChanges(new LowRankChange([0], new(weight, weight)))));
        Assert.Throws<ArgumentException>(() => new LowRankParts(null, null));
        Assert.Throws<ArgumentException>(() => new LowRankChanges());
        Assert.Throws<ArgumentException>(() => new LowRankChanges(new([0], new(weight)), new([1], new(wide))));
        Assert.Throws<ArgumentOutOfRangeException>(() => new LowRankChanges(new LowRankChange([-1], new(weight))));
        Assert.Throws<ArgumentException>(() => new LowRankParts(weight, wide));
        Assert.Throws<ArgumentOutOfRangeException>(() => backend.Linear(product, new LowRankChanges(new LowRankChange([2], new(weight)))));
        Assert.Throws<ArgumentException>(() => new LowRankWeight(Tensor.Allocate(3, 8), Tensor.Allocate(5, 2), 1));
        Assert.Throws<ArgumentException>(() => new LowRankWeight(Tensor.Allocate(2, 32, DType.Q8_0), Tensor.Allocate(5, 2), 1));
        Assert.Throws<ArgumentException>(() => new LowRankWeight(Tensor.Allocate(2, 32), Tensor.Allocate(5, 2), 1, null, DType.Q4_0));
    }

    private static void AgreeWithPlainProducts(Isa isa, int threads, bool emitted, Func<DType, double> tolerance)
    {
        using CpuBackend backend = new(threads, isa, emittedKernels: emitted);
        foreach ((int inputs, int outputs, int rank) in Sizes)
        {
            foreach (DType type in Formats)
            {
                foreach (bool scaled in new[] { false, true })
                {
                    using Tensor x = Samples.Normal(1, 40, inputs), y = Samples.Normal(2, 40, outputs), expected = y.ConvertTo(DType.F32), bias = Samples.Normal(3, 1, outputs);
                    LowRankProduct[] products =
                    [
                        new(x, [5], Weight(4, inputs, outputs, rank, type, scaled), bias, y),
                        new(x, [1, 9, 3], Weight(5, inputs, outputs, rank, type, scaled), null, y),
                        new(x, [.. Enumerable.Range(12, 27)], Weight(6, inputs, outputs, rank, type, scaled), bias, y),
                    ];

                    Plainly(products, expected);
                    backend.AddLowRank(products);

                    Backends.Close(expected, y, tolerance(type), $"emitted {emitted}, {type} [{outputs}, {inputs}] of rank {rank}");
                    Array.ForEach(products, product => product.W.Dispose());
                }
            }
        }
    }

    private static Tensor Poisoned(int rows, int columns)
    {
        Tensor tensor = Tensor.Allocate(rows, columns);
        tensor.Span.Fill(float.NaN);
        return tensor;
    }

    private static LowRankWeight Weight(int seed, int inputs, int outputs, int rank, DType type, bool scaled)
    {
        using Tensor a = Samples.Normal(seed, rank, inputs, 1 / MathF.Sqrt(inputs)), b = Samples.Normal(seed + 50, outputs, rank, 1 / MathF.Sqrt(rank), type == DType.Q8_0 ? DType.F32 : type);
        return new(a, b, 0.7f, scaled ? Samples.Normal(seed + 90, 1, outputs) : null, type);
    }

    /// <summary>The same from B as it was before it was packed, or in 8 bits as it was rounded.</summary>
    private static void Plainly(LowRankProduct[] products, Tensor y)
    {
        for (int p = 0; p < products.Length; p++)
        {
            LowRankWeight w = products[p].W;
            bool rounded = w.Type == DType.Q8_0;
            using Tensor b = Samples.Normal(p + 54, w.Outputs, w.Rank, 1 / MathF.Sqrt(w.Rank), rounded ? DType.F32 : w.Type);
            float[][] outward = [.. Enumerable.Range(0, w.Outputs).Select(o => rounded ? [.. Enumerable.Range(0, w.Rank).Select(j => w.UpAt(o, j))] : b.ReadRow(o))];
            foreach (int row in products[p].Rows)
            {
                float[] x = products[p].X.ReadRow(row);
                double[] narrow = [.. Enumerable.Range(0, w.Rank).Select(j => x.Select((value, i) => (double)w.DownAt(j, i) * value).Sum() * w.Scale)];
                for (int o = 0; o < w.Outputs; o++)
                {
                    float offset = products[p].Bias?.Span[o] ?? 0;
                    double changed = y.Row(row)[o] + outward[o].Zip(narrow, (c, d) => c * d).Sum();
                    y.Row(row)[o] = (float)(w.Factors is null ? changed : ((changed - offset) * w.Factors.Span[o]) + offset);
                }
            }
        }
    }
}
