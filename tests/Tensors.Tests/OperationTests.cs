using Inference.Tensors.Cpu;

namespace Inference.Tensors.Tests;

public class OperationTests
{
    private static readonly (int Rows, int Columns)[] Sizes = [(1, 1), (2, 3), (3, 17), (5, 33), (7, 100), (40, 256), (3, 1000)];

    public static TheoryData<Isa, int> All() => Backends.All();

    [Theory]
    [MemberData(nameof(All))]
    public void RmsNorm_and_its_gradients_agree_with_the_reference(Isa isa, int threads)
    {
        foreach ((int rows, int columns) in Sizes)
        {
            Backends.Agree(isa, threads, backend =>
            {
                Tensor x = Samples.Normal(1, rows, columns), weight = Samples.Normal(2, 1, columns), y = Samples.Poisoned(rows, columns);
                Tensor dx = Samples.Normal(3, rows, columns), dweight = Samples.Normal(4, 1, columns);
                backend.RmsNorm(x, weight, 1e-5f, y);
                backend.RmsNormBackward(x, weight, 1e-5f, Samples.Normal(5, rows, columns), dx, dweight);
                Tensor frozen = Samples.Normal(3, rows, columns);
                backend.RmsNormBackward(x, weight, 1e-5f, Samples.Normal(5, rows, columns), frozen, null);
                Backends.SameBits(dx.Span, frozen.Span);
                backend.RmsNorm(x, weight, 1e-5f, x);
                return [y, dx, dweight, x];
            });
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public void A_normalised_row_alone_has_the_bits_that_it_has_in_a_batch(Isa isa, int threads)
    {
        using CpuBackend backend = new(threads, isa);
        foreach (int columns in new[] { 17, 100, 1024 })
        {
            Tensor x = Samples.Normal(1, 40, columns), weight = Samples.Normal(2, 1, columns);
            Tensor batch = Samples.Poisoned(40, columns), alone = Samples.Poisoned(1, columns);
            backend.RmsNorm(x, weight, 1e-5f, batch);
            for (int row = 0; row < 40; row++)
            {
                backend.RmsNorm(x.Slice(row, 1), weight, 1e-5f, alone);
                Backends.SameBits(alone.Span, batch.Row(row));
            }
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public void SwiGlu_and_its_gradients_agree_with_the_reference(Isa isa, int threads)
    {
        foreach ((int rows, int columns) in Sizes)
        {
            Backends.Agree(isa, threads, backend =>
            {
                Tensor gate = Samples.Normal(1, rows, columns, 10), up = Samples.Normal(2, rows, columns), y = Samples.Poisoned(rows, columns);
                Tensor dgate = Samples.Normal(3, rows, columns), dup = Samples.Normal(4, rows, columns);
                backend.SwiGlu(gate, up, y);
                backend.SwiGluBackward(gate, up, Samples.Normal(5, rows, columns), dgate, dup);
                backend.SwiGlu(gate, up, gate);
                return [y, dgate, dup, gate];
            });
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public void LayerNorm_and_its_gradients_agree_with_the_reference(Isa isa, int threads)
    {
        foreach ((int rows, int columns) in Sizes)
        {
            Backends.Agree(isa, threads, backend =>
            {
                Tensor x = Samples.Normal(1, rows, columns), weight = Samples.Normal(2, 1, columns), bias = Samples.Normal(6, 1, columns);
                Tensor dx = Samples.Normal(3, rows, columns), dweight = Samples.Normal(4, 1, columns), dbias = Samples.Normal(7, 1, columns);
                Tensor y = Samples.Poisoned(rows, columns);
                backend.LayerNorm(x, weight, bias, 1e-5f, y);
                backend.LayerNormBackward(x, weight, 1e-5f, Samples.Normal(5, rows, columns), dx, dweight, dbias);
                backend.LayerNorm(x, weight, bias, 1e-5f, x);
                return [y, dx, dweight, dbias, x];
            });
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Gelu_and_its_gradient_agree_with_the_reference(Isa isa, int threads)
    {
        foreach ((int rows, int columns) in Sizes.Append((3, 20000)))
        {
            Backends.Agree(isa, threads, backend =>
            {
                Tensor x = Samples.Normal(1, rows, columns, 3), y = Samples.Poisoned(rows, columns), dx = Samples.Normal(2, rows, columns);
                x.Span[0] = 0;
                x.Span[^1] = -15;
                backend.Gelu(x, y);
                backend.GeluBackward(x, Samples.Normal(3, rows, columns), dx);
                backend.Gelu(x, x);
                return [y, dx, x];
            });
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public void GeGlu_scale_and_soft_cap_agree_with_the_reference(Isa isa, int threads)
    {
        foreach ((int rows, int columns) in Sizes.Append((3, 20000)))
        {
            Backends.Agree(isa, threads, backend =>
            {
                Tensor gate = Samples.Normal(1, rows, columns, 5), up = Samples.Normal(2, rows, columns), y = Samples.Poisoned(rows, columns);
                Tensor scaled = Samples.Normal(3, rows, columns), capped = Samples.Normal(4, rows, columns, 40);
                backend.GeGlu(gate, up, y);
                backend.GeGlu(gate, up, gate);
                backend.Scale(scaled, 0.37f);
                backend.SoftCap(capped, 30);
                return [y, gate, scaled, capped];
            });
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Weighted_rows_are_added_to_rows_in_their_order(Isa isa, int threads)
    {
        foreach (int columns in new[] { 1, 17, 700 })
        {
            Backends.Agree(isa, threads, backend =>
            {
                Tensor y = Samples.Normal(1, 5, columns);
                backend.ScatterAddRows(Samples.Normal(2, 4, columns), [3, 1, 3, 4], [0.5f, 0, -2, 1], y);
                return [y];
            });
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Heads_are_normalised_each_on_its_own_through_a_view(Isa isa, int threads)
    {
        Backends.Agree(isa, threads, backend =>
        {
            Tensor x = Samples.Normal(1, 7, 3 * 40), weight = Samples.Normal(2, 1, 40), heads = x.Reshape(21, 40);
            backend.RmsNorm(heads, weight, 1e-6f, heads);
            return [x];
        });
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Partial_rotation_leaves_the_rest_of_a_head(Isa isa, int threads)
    {
        foreach (RotaryStyle style in Enum.GetValues<RotaryStyle>())
        {
            (Tensor cos, Tensor sin) = Samples.Angles(50, 24);
            Backends.Agree(isa, threads, backend =>
            {
                Tensor x = Samples.Normal(2, 3, 2 * 64);
                backend.Rotary(x, [4, 0, 49], cos, sin, 64, style);
                Assert.Equal(Samples.Normal(2, 3, 128).ReadRow(2)[24..64], x.ReadRow(2)[24..64]);
                return [x];
            });
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Rotary_agrees_with_the_reference_and_its_inverse_undoes_it(Isa isa, int threads)
    {
        foreach (RotaryStyle style in Enum.GetValues<RotaryStyle>())
        {
            foreach (int headDimension in new[] { 2, 6, 8, 64, 100 })
            {
                (Tensor cos, Tensor sin) = Samples.Angles(50, headDimension);
                int[] positions = Samples.Indices(1, 9, 50);
                Backends.Agree(isa, threads, backend =>
                {
                    Tensor x = Samples.Normal(2, 9, 3 * headDimension), back = Samples.Normal(3, 9, 3 * headDimension);
                    backend.Rotary(x, positions, cos, sin, headDimension, style);
                    backend.Rotary(back, positions, cos, sin, headDimension, style, inverse: true);
                    return [x, back];
                });
                using CpuBackend cpu = new(threads, isa);
                Tensor round = Samples.Normal(2, 9, 3 * headDimension);
                cpu.Rotary(round, positions, cos, sin, headDimension, style);
                cpu.Rotary(round, positions, cos, sin, headDimension, style, inverse: true);
                Backends.Close(Samples.Normal(2, 9, 3 * headDimension), round, 1e-6, "there and back");
            }
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Embedding_reads_every_format_exactly(Isa isa, int threads)
    {
        foreach (DType type in Enum.GetValues<DType>())
        {
            foreach (int columns in type.BlockLength() == 1 ? [1, 33, 100] : new[] { type.BlockLength(), 3 * type.BlockLength() })
            {
                Backends.Agree(
                    isa, threads, backend =>
                    {
                        Tensor y = Samples.Poisoned(6, columns);
                        backend.Embedding(Samples.Normal(1, 11, columns, 1, type), [3, 10, 0, 3, 7, 1], y);
                        return [y];
                    }, tolerance: 0);
            }
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public void The_gradient_of_a_repeated_id_is_added_twice(Isa isa, int threads)
    {
        Backends.Agree(isa, threads, backend =>
        {
            Tensor dtable = Samples.Normal(1, 5, 300);
            backend.EmbeddingBackward([3, 1, 3, 4], Samples.Normal(2, 4, 300), dtable);
            return [dtable];
        });
    }

    [Theory]
    [MemberData(nameof(All))]
    public void CrossEntropy_and_its_gradient_agree_with_the_reference_and_weight_zero_is_left_out(Isa isa, int threads)
    {
        foreach (int vocabulary in new[] { 1, 3, 17, 100, 4096 })
        {
            int[] targets = Samples.Indices(1, 9, vocabulary);
            float[] weights = [1, 0, 2, 1, 1, 0, 0.5f, 1, 1];
            targets[1] = -100;
            Backends.Agree(isa, threads, backend =>
            {
                Tensor logits = Samples.Normal(2, 9, vocabulary, 5);
                float[][] before = [.. Enumerable.Range(0, 9).Select(logits.ReadRow)];
                double[] losses = [.. Enumerable.Repeat(double.NaN, 9)];
                int right = backend.CrossEntropy(logits, targets, weights, 0.25f, losses);
                Assert.Equal(Enumerable.Range(0, 9).Count(t => weights[t] != 0 && before[t].Max() == before[t][targets[t]]), right);
                Assert.Equal(0, losses[1]);
                Assert.All(logits.Row(1).ToArray(), value => Assert.Equal(0, value));
                return [logits, Tensor.From(1, 9, Array.ConvertAll(losses, loss => (float)loss))];
            });
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public void AdamW_agrees_with_the_reference_over_several_steps(Isa isa, int threads)
    {
        foreach ((int rows, int columns) in Sizes)
        {
            Backends.Agree(isa, threads, backend =>
            {
                Tensor parameter = Samples.Normal(1, rows, columns), m = Tensor.Allocate(rows, columns), v = Tensor.Allocate(rows, columns);
                for (int step = 1; step <= 4; step++)
                {
                    backend.AdamW(parameter, Samples.Normal(step, rows, columns), m, v, 0.5f, 0.01f, 0.9f, 0.95f, 1e-8f, 0.1f, step);
                }

                return [parameter, m, v];
            });
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Sums_agree_with_the_reference(Isa isa, int threads)
    {
        foreach ((int rows, int columns) in Sizes.Append((100, 500)))
        {
            Backends.Agree(isa, threads, backend =>
            {
                Tensor x = Samples.Normal(1, rows, columns), y = Samples.Normal(2, rows, columns);
                backend.Add(x, y);
                return [y, Tensor.From(1, 1, [(float)backend.SumOfSquares(x)])];
            });
        }
    }
}
