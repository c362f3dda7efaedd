using Inference.Tensors.Cpu;

namespace Inference.Tensors.Tests;

public class LinearTests
{
    public static TheoryData<Isa, int> All() => Backends.All();

    private static readonly (int Rows, int In, int Out)[] Sizes =
    [
        (1, 1, 1), (1, 3, 17), (2, 33, 3), (3, 17, 33), (5, 100, 31), (7, 64, 100), (13, 129, 65), (50, 96, 70), (300, 260, 50),
    ];

    [Theory]
    [MemberData(nameof(All))]
    public void Linear_in_F32_agrees_with_the_reference_at_odd_sizes(Isa isa, int threads)
    {
        foreach ((int rows, int columns, int outputs) in Sizes)
        {
            foreach (bool hasBias in new[] { false, true })
            {
                Backends.Agree(isa, threads, backend =>
                {
                    Tensor y = Samples.Poisoned(rows, outputs);
                    backend.Linear(
                        Samples.Normal(1, rows, columns), Samples.Normal(2, outputs, columns), hasBias ? Samples.Normal(3, 1, outputs) : null, y);
                    return [y];
                });
            }
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Linear_with_stored_formats_agrees_with_the_reference(Isa isa, int threads)
    {
        foreach (DType type in Enum.GetValues<DType>().Where(type => type != DType.F32))
        {
            foreach (int columns in type.BlockLength() == 1 ? [1, 7, 33, 100] : new[] { 1, 3, 5 }.Select(n => n * type.BlockLength()))
            {
                foreach (int rows in new[] { 1, 2, 3, 4, 9 })
                {
                    Backends.Agree(isa, threads, backend =>
                    {
                        Tensor y = Samples.Poisoned(rows, 37);
                        backend.Linear(Samples.Normal(1, rows, columns), Samples.Normal(2, 37, columns, 1, type), null, y);
                        return [y];
                    });
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public void A_row_alone_has_the_bits_that_it_has_in_a_batch_of_any_thread_count(Isa isa, int threads)
    {
        using CpuBackend single = new(1, isa);
        using CpuBackend backend = new(threads, isa);
        foreach (DType type in Enum.GetValues<DType>())
        {
            foreach (int columns in type.BlockLength() == 1 ? [96, 100, 17] : new[] { Math.Max(96, type.BlockLength()) })
            {
                Tensor x = Samples.Normal(1, 23, columns), w = Samples.Normal(2, 41, columns, 1, type), bias = Samples.Normal(3, 1, 41);
                Tensor batch = Samples.Poisoned(23, 41), alone = Samples.Poisoned(1, 41);
                backend.Linear(x, w, bias, batch);
                for (int row = 0; row < 23; row++)
                {
                    single.Linear(x.Slice(row, 1), w, bias, alone);
                    Backends.SameBits(alone.Span, batch.Row(row));
                }

                for (int rows = 2; rows < 12; rows++)
                {
                    Tensor some = Samples.Poisoned(rows, 41);
                    backend.Linear(x.Slice(3, rows), w, bias, some);
                    Backends.SameBits(batch.Span.Slice(3 * 41, rows * 41), some.Span);
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Gradients_of_linear_are_added_and_agree_with_the_reference(Isa isa, int threads)
    {
        foreach ((int rows, int columns, int outputs) in Sizes.Append((900, 40, 600)).Append((20, 530, 400)))
        {
            Backends.Agree(isa, threads, backend =>
            {
                Tensor x = Samples.Normal(1, rows, columns), w = Samples.Normal(2, outputs, columns), dy = Samples.Normal(3, rows, outputs);
                Tensor dx = Samples.Normal(4, rows, columns), dw = Samples.Normal(5, outputs, columns), dbias = Samples.Normal(6, 1, outputs);
                backend.LinearBackwardInput(dy, w, dx);
                backend.LinearBackwardWeight(x, dy, dw, dbias);
                backend.LinearBackwardWeight(x, dy, dw, null);
                return [dx, dw, dbias];
            });
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public void The_input_gradient_of_stored_formats_agrees_with_the_reference(Isa isa, int threads)
    {
        foreach (DType type in Enum.GetValues<DType>().Where(type => type != DType.F32))
        {
            Backends.Agree(isa, threads, backend =>
            {
                int columns = Math.Max(96, type.BlockLength());
                Tensor dx = Samples.Normal(1, 9, columns);
                backend.LinearBackwardInput(Samples.Normal(2, 9, 45), Samples.Normal(3, 45, columns, 1, type), dx);
                return [dx];
            });
        }
    }
}
