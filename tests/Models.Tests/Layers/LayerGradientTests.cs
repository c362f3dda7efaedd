using Inference.Models.Layers;
using Inference.Tensors;
using Inference.Tensors.Reference;
using static Inference.Models.Tests.Layers.GradientCheck;

namespace Inference.Models.Tests.Layers;

/// <summary>Every layer's backward pass against finite differences of its forward pass, on the reference backend.</summary>
public sealed class LayerGradientTests
{
    private readonly ReferenceBackend _backend = new();

    [Fact]
    public void The_embeddings_gradient_is_the_slope_of_its_output_also_for_a_repeated_token()
    {
        Tensor table = Random(5, 3, 1), weights = Random(4, 3, 2), dtable = Tensor.Allocate(5, 3);
        int[] ids = [4, 0, 4, 2];
        Embedding layer = new(table);

        Embedding.Backward(_backend, ids, weights, dtable);

        Agrees(table, dtable, () => Loss(weights, y => layer.Forward(_backend, ids, y)));
    }

    [Fact]
    public void The_linear_layers_gradients_are_the_slopes_of_its_output()
    {
        Tensor x = Random(3, 4, 1), w = Random(5, 4, 2), bias = Random(1, 5, 3), weights = Random(3, 5, 4);
        Tensor dx = Tensor.Allocate(3, 4), dw = Tensor.Allocate(5, 4), dbias = Tensor.Allocate(1, 5);
        Linear layer = new(w, bias);
        double Run() => Loss(weights, y => layer.Forward(_backend, x, y));

        layer.Backward(_backend, x, weights, dx, dw, dbias);

        Agrees(x, dx, Run);
        Agrees(w, dw, Run);
        Agrees(bias, dbias, Run);
    }

    [Fact]
    public void The_rms_norms_gradients_are_the_slopes_of_its_output()
    {
        Tensor x = Random(3, 6, 1), w = Random(1, 6, 2), weights = Random(3, 6, 3), dx = Tensor.Allocate(3, 6), dw = Tensor.Allocate(1, 6);
        RmsNorm layer = new(w, 1e-5f);
        double Run() => Loss(weights, y => layer.Forward(_backend, x, y));

        layer.Backward(_backend, x, weights, dx, dw);

        Agrees(x, dx, Run);
        Agrees(w, dw, Run);
    }

    [Theory]
    [InlineData(RotaryStyle.HalfSplit)]
    [InlineData(RotaryStyle.Interleaved)]
    public void The_rotations_gradient_is_the_slope_of_its_output(RotaryStyle style)
    {
        Tensor x = Random(3, 8, 1), weights = Random(3, 8, 2), dx = Tensor.From(3, 8, weights.Span);
        int[] positions = [0, 3, 7];
        using RotaryEmbedding rotary = new(_backend, 8, 4, 10_000, style: style);

        rotary.Backward(_backend, dx, positions);

        Agrees(x, dx, () => Loss(weights, y =>
        {
            x.Span.CopyTo(y.Span);
            rotary.Forward(_backend, y, positions);
        }));
    }

    [Fact]
    public void The_packed_grouped_attentions_gradients_are_the_slopes_of_its_output()
    {
        int[] starts = [0, 3, 5], positions = [0, 1, 2, 0, 1];
        Tensor q = Random(5, 16, 1), k = Random(5, 8, 2), v = Random(5, 8, 3), weights = Random(5, 16, 4);
        Tensor dq = Tensor.Allocate(5, 16), dk = Tensor.Allocate(5, 8), dv = Tensor.Allocate(5, 8);
        using RotaryEmbedding rotary = new(_backend, 4, 4, 10_000);
        CausalAttention layer = new(rotary, 4);
        Tensor rotatedQ = Copy(q), rotatedK = Copy(k), output = Tensor.Allocate(5, 16), logSumExp = Tensor.Allocate(5, 4);
        double Run() => Loss(
            weights, y => layer.Forward(_backend, Copy(q), Copy(k), v, positions, starts, y, Tensor.Allocate(5, 4)));

        layer.Forward(_backend, rotatedQ, rotatedK, v, positions, starts, output, logSumExp);
        layer.Backward(_backend, rotatedQ, rotatedK, v, output, logSumExp, weights, positions, starts, dq, dk, dv);

        Agrees(q, dq, Run);
        Agrees(k, dk, Run);
        Agrees(v, dv, Run);
    }

    private static Tensor Copy(Tensor x) => Tensor.From(x.Rows, x.Columns, x.Span);

    private static double Loss(Tensor weights, Action<Tensor> forward)
    {
        using Tensor y = Tensor.Allocate(weights.Rows, weights.Columns);
        forward(y);
        return Dot(y, weights);
    }
}
