using Inference.Tensors.Cpu;

namespace Inference.Tensors.Tests;

public class ConvolutionTests
{
    private static readonly (int Rows, int Inputs, int Outputs, int Taps, int Dilation)[] Shapes =
    [
        (1, 1, 1, 1, 1), (5, 3, 1, 7, 1), (40, 32, 1, 7, 1), (9, 5, 3, 3, 2), (30, 17, 4, 5, 1), (13, 4, 5, 3, 1), (50, 33, 70, 7, 12),
        (3, 8, 40, 11, 5), (107, 16, 32, 3, 1), (26, 48, 96, 2, 1),
    ];

    public static TheoryData<Isa, int> All() => Backends.All();

    [Theory]
    [MemberData(nameof(All))]
    public void A_convolution_agrees_with_the_reference(Isa isa, int threads)
    {
        foreach ((int rows, int inputs, int outputs, int taps, int dilation) in Shapes)
        {
            Backends.Agree(isa, threads, backend =>
            {
                using PreparedConvolution w = backend.PrepareConvolution(Samples.Normal(2, outputs, taps * inputs), taps);
                Tensor x = Surrounded(1, rows, inputs), bias = Samples.Normal(3, 1, outputs);
                Tensor same = Samples.Poisoned(rows, outputs), late = Samples.Poisoned(rows + 4, outputs), added = Samples.Normal(4, rows, outputs);
                Tensor beside = Samples.Normal(5, rows, outputs + 9);
                backend.Convolution(x, w, bias, new(dilation, (taps - 1) * dilation / 2), same);
                backend.Convolution(x, w, null, new(dilation, -2), late);
                backend.Convolution(x, w, bias, new(dilation, taps * dilation, Accumulate: true), added);
                backend.Convolution(x, w, bias, new(dilation, 1, Column: 7), beside);
                return [same, late, added, beside];
            });
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public void A_piece_of_a_signal_has_the_bits_that_it_has_in_the_whole(Isa isa, int threads)
    {
        using CpuBackend backend = new(threads, isa);
        foreach ((int _, int inputs, int outputs, int taps, int dilation) in Shapes)
        {
            const int Rows = 300, First = 101, Count = 58;
            int reach = (taps - 1) * dilation, left = reach / 2;
            using PreparedConvolution w = backend.PrepareConvolution(Samples.Normal(2, outputs, taps * inputs), taps);
            Tensor x = Samples.Normal(1, Rows, inputs), whole = Samples.Poisoned(Rows, outputs), piece = Samples.Poisoned(Count, outputs);
            backend.Convolution(x, w, null, new(dilation, left), whole);
            backend.Convolution(x.Slice(First - left, Count + reach), w, null, new(dilation, 0), piece);
            Backends.SameBits(whole.Slice(First, Count).Span, piece.Span);
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Leaky_relu_and_gated_tanh_agree_with_the_reference(Isa isa, int threads)
    {
        foreach ((int rows, int columns) in ((int, int)[])[(1, 1), (2, 3), (3, 17), (5, 33), (40, 192), (3, 1000)])
        {
            Backends.Agree(isa, threads, backend =>
            {
                Tensor x = Samples.Normal(1, rows, columns, 3), y = Samples.Poisoned(rows, columns), relu = Samples.Poisoned(rows, columns);
                Tensor gates = Samples.Normal(2, rows, 2 * columns, 5), gated = Samples.Poisoned(rows, columns);
                backend.LeakyRelu(x, 0.1f, y);
                backend.LeakyRelu(x, 0, relu);
                backend.LeakyRelu(x, 0.01f, x);
                backend.GatedTanh(gates, gated);
                return [y, relu, x, gated];
            });
        }
    }

    /// <summary>Rows with NaN before and behind, which a convolution must not read.</summary>
    private static Tensor Surrounded(int seed, int rows, int columns)
    {
        const int Margin = 80;
        Tensor all = Samples.Poisoned(rows + (2 * Margin), columns), inner = all.Slice(Margin, rows);
        Samples.Normal(seed, rows, columns).Span.CopyTo(inner.Span);
        return inner;
    }
}
