using Inference.Tensors.Cpu;

namespace Inference.Tensors.Tests;

public class ThreadCountTests
{
    public static TheoryData<Isa> Sets() => new(Enum.GetValues<Isa>().Where(CpuFeatures.Supports));

    [Theory]
    [MemberData(nameof(Sets))]
    public void A_training_step_has_the_same_bits_with_any_number_of_threads(Isa isa)
    {
        using CpuBackend single = new(1, isa);
        Tensor[] expected = Step(single);
        foreach (int threads in new[] { 2, 5 })
        {
            using CpuBackend backend = new(threads, isa);
            Tensor[] actual = Step(backend);
            for (int i = 0; i < expected.Length; i++)
            {
                Backends.SameBits(expected[i].Span, actual[i].Span);
            }
        }
    }

    private static Tensor[] Step(IBackend backend)
    {
        const int Rows = 300, Columns = 128;
        int[] starts = [0, 170, 300];
        Tensor x = Samples.Normal(1, Rows, Columns), w = Samples.Normal(2, 200, Columns, 0.1f), weight = Samples.Normal(3, 1, Columns);
        Tensor y = Samples.Poisoned(Rows, 200), dx = Tensor.Allocate(Rows, Columns), dw = Tensor.Allocate(200, Columns);
        Tensor dbias = Tensor.Allocate(1, 200), dweight = Tensor.Allocate(1, Columns), dtable = Tensor.Allocate(50, Columns);
        Tensor attended = Samples.Poisoned(Rows, Columns), sums = Samples.Poisoned(Rows, 4);
        Tensor dq = Tensor.Allocate(Rows, Columns), dk = Tensor.Allocate(Rows, Columns), dv = Tensor.Allocate(Rows, Columns);
        backend.Linear(x, w, null, y);
        double[] losses = new double[Rows];
        backend.CrossEntropy(y, Samples.Indices(4, Rows, 200), [.. Enumerable.Repeat(1f, Rows)], 0.01f, losses);
        double loss = losses.Sum();
        backend.LinearBackwardInput(y, w, dx);
        backend.LinearBackwardWeight(x, y, dw, dbias);
        backend.CausalAttention(x, dx, x, starts, 32, 0.2f, attended, sums);
        backend.CausalAttentionBackward(x, dx, x, attended, sums, dx, starts, 32, 0.2f, dq, dk, dv);
        backend.RmsNormBackward(x, weight, 1e-5f, attended, dx, dweight);
        backend.EmbeddingBackward(Samples.Indices(5, Rows, 50), dx, dtable);
        double squares = backend.SumOfSquares(dw);
        return [y, dx, dw, dbias, dweight, dtable, attended, sums, dq, dk, dv, Tensor.From(1, 2, [(float)loss, (float)squares])];
    }
}
