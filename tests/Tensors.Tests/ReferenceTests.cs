using Inference.Tensors.Reference;

namespace Inference.Tensors.Tests;

/// <summary>
/// The reference's gradients against central differences of its own forward operations: L = sum of r * y for fixed random r.
/// The step is 1e-2 on numbers of size 1: F32 results of rounding 6e-8 make an error of about 1e-5, and the curvature 1e-4.
/// </summary>
public class ReferenceTests
{
    private const float Step = 1e-2f;
    private const double Tolerance = 2e-3;

    [Fact]
    public void Gradients_of_linear_are_those_of_finite_differences()
    {
        using ReferenceBackend backend = new();
        Tensor x = Samples.Normal(1, 3, 5), w = Samples.Normal(2, 4, 5), bias = Samples.Normal(3, 1, 4), r = Samples.Normal(4, 3, 4);
        Tensor dx = Tensor.Allocate(3, 5), dw = Tensor.Allocate(4, 5), dbias = Tensor.Allocate(1, 4), y = Samples.Poisoned(3, 4);
        backend.LinearBackwardInput(r, w, dx);
        backend.LinearBackwardWeight(x, r, dw, dbias);
        Check(() => backend.Linear(x, w, bias, y), y, r, (x, dx), (w, dw), (bias, dbias));
    }

    [Fact]
    public void Gradients_of_rms_norm_are_those_of_finite_differences()
    {
        using ReferenceBackend backend = new();
        Tensor x = Samples.Normal(1, 3, 7), weight = Samples.Normal(2, 1, 7), r = Samples.Normal(3, 3, 7);
        Tensor dx = Tensor.Allocate(3, 7), dweight = Tensor.Allocate(1, 7), y = Samples.Poisoned(3, 7);
        backend.RmsNormBackward(x, weight, 1e-3f, r, dx, dweight);
        Check(() => backend.RmsNorm(x, weight, 1e-3f, y), y, r, (x, dx), (weight, dweight));
    }

    [Fact]
    public void Gradients_of_swiglu_are_those_of_finite_differences()
    {
        using ReferenceBackend backend = new();
        Tensor gate = Samples.Normal(1, 3, 7), up = Samples.Normal(2, 3, 7), r = Samples.Normal(3, 3, 7);
        Tensor dgate = Tensor.Allocate(3, 7), dup = Tensor.Allocate(3, 7), y = Samples.Poisoned(3, 7);
        backend.SwiGluBackward(gate, up, r, dgate, dup);
        Check(() => backend.SwiGlu(gate, up, y), y, r, (gate, dgate), (up, dup));
    }

    [Fact]
    public void Gradients_of_attention_are_those_of_finite_differences()
    {
        using ReferenceBackend backend = new();
        int[] starts = [0, 4, 6];
        Tensor q = Samples.Normal(1, 6, 12), k = Samples.Normal(2, 6, 6), v = Samples.Normal(3, 6, 6), r = Samples.Normal(4, 6, 12);
        Tensor y = Samples.Poisoned(6, 12), sums = Samples.Poisoned(6, 4);
        Tensor dq = Tensor.Allocate(6, 12), dk = Tensor.Allocate(6, 6), dv = Tensor.Allocate(6, 6);
        backend.CausalAttention(q, k, v, starts, 3, 0.6f, y, sums);
        backend.CausalAttentionBackward(q, k, v, y, sums, r, starts, 3, 0.6f, dq, dk, dv);
        Check(() => backend.CausalAttention(q, k, v, starts, 3, 0.6f, y, sums), y, r, (q, dq), (k, dk), (v, dv));
    }

    [Fact]
    public void Gradients_of_full_attention_are_those_of_finite_differences()
    {
        using ReferenceBackend backend = new();
        int[] queryStarts = [0, 2, 2, 5], keyStarts = [0, 3, 5, 6];
        Tensor q = Samples.Normal(1, 5, 12), k = Samples.Normal(2, 6, 6), v = Samples.Normal(3, 6, 6), r = Samples.Normal(4, 5, 12);
        Tensor y = Samples.Poisoned(5, 12), sums = Samples.Poisoned(5, 4);
        Tensor dq = Tensor.Allocate(5, 12), dk = Tensor.Allocate(6, 6), dv = Tensor.Allocate(6, 6);
        backend.FullAttention(q, k, v, queryStarts, keyStarts, 3, 0.6f, y, sums);
        backend.FullAttentionBackward(q, k, v, y, sums, r, queryStarts, keyStarts, 3, 0.6f, dq, dk, dv);
        Check(() => backend.FullAttention(q, k, v, queryStarts, keyStarts, 3, 0.6f, y, sums), y, r, (q, dq), (k, dk), (v, dv));
    }

    [Fact]
    public void Gradients_of_layer_norm_are_those_of_finite_differences()
    {
        using ReferenceBackend backend = new();
        Tensor x = Samples.Normal(1, 3, 7), weight = Samples.Normal(2, 1, 7), bias = Samples.Normal(4, 1, 7), r = Samples.Normal(3, 3, 7);
        Tensor dx = Tensor.Allocate(3, 7), dweight = Tensor.Allocate(1, 7), dbias = Tensor.Allocate(1, 7), y = Samples.Poisoned(3, 7);
        backend.LayerNormBackward(x, weight, 1e-3f, r, dx, dweight, dbias);
        Check(() => backend.LayerNorm(x, weight, bias, 1e-3f, y), y, r, (x, dx), (weight, dweight), (bias, dbias));
    }

    [Fact]
    public void Gelu_has_its_known_values_and_its_gradient_is_that_of_finite_differences()
    {
        using ReferenceBackend backend = new();
        Tensor known = Tensor.From(1, 4, [0, 1, -1, 12]);
        backend.Gelu(known, known);
        Assert.Equal([0.0, 0.841345, -0.158655, 12], known.Span.ToArray().Select(v => Math.Round(v, 6)));
        Tensor x = Samples.Normal(1, 3, 7), r = Samples.Normal(3, 3, 7), dx = Tensor.Allocate(3, 7), y = Samples.Poisoned(3, 7);
        backend.GeluBackward(x, r, dx);
        Check(() => backend.Gelu(x, y), y, r, (x, dx));
    }

    [Fact]
    public void The_gradient_of_cross_entropy_is_that_of_finite_differences()
    {
        using ReferenceBackend backend = new();
        float[] values = Samples.Normal(1, 3, 5).Span.ToArray();
        int[] targets = [4, 0, 2];
        float[] weights = [1, 0, 0.5f];
        Tensor gradient = Tensor.From(3, 5, values);
        Loss(gradient);
        for (int i = 0; i < values.Length; i++)
        {
            float[] more = [.. values], less = [.. values];
            more[i] += Step;
            less[i] -= Step;
            double slope = (Loss(Tensor.From(3, 5, more)) - Loss(Tensor.From(3, 5, less))) / (more[i] - (double)less[i]);
            Assert.Equal(slope, gradient.Span[i], Tolerance);
        }

        double Loss(Tensor logits)
        {
            double[] losses = new double[3];
            backend.CrossEntropy(logits, targets, weights, 1, losses);
            return losses.Sum();
        }
    }

    [Fact]
    public void Cross_entropy_of_equal_logits_is_the_logarithm_of_their_number()
    {
        using ReferenceBackend backend = new();
        Tensor logits = Tensor.From(1, 4, [7, 7, 7, 7]);
        double[] losses = new double[1];
        Assert.Equal(1, backend.CrossEntropy(logits, [2], [1], 2, losses));
        Assert.Equal(Math.Log(4), losses[0], 1e-9);
        Assert.Equal([0.5f, 0.5f, -1.5f, 0.5f], logits.Span.ToArray());
    }

    [Fact]
    public void The_first_step_of_adamw_moves_by_the_learning_rate_and_decays()
    {
        using ReferenceBackend backend = new();
        Tensor parameter = Tensor.From(1, 2, [1, -2]), m = Tensor.Allocate(1, 2), v = Tensor.Allocate(1, 2);
        backend.AdamW(parameter, Tensor.From(1, 2, [8, -4]), m, v, 0.5f, 0.1f, 0.9f, 0.99f, 0, 0.5f, 1);

        // p - rate * (sign(g) + decay * p)
        Assert.Equal(1 - (0.1 * (1 + 0.5)), parameter.Span[0], 1e-6);
        Assert.Equal(-2 - (0.1 * (-1 - 1)), parameter.Span[1], 1e-6);
        Assert.Equal(0.4, m.Span[0], 1e-6);
        Assert.Equal(0.16, v.Span[0], 1e-6);
    }

    [Fact]
    public void Rotation_by_a_quarter_turn_exchanges_the_two_of_a_pair()
    {
        using ReferenceBackend backend = new();
        Tensor cos = Tensor.From(1, 2, [0, 1]), sin = Tensor.From(1, 2, [1, 0]);
        Tensor halves = Tensor.From(1, 4, [1, 2, 3, 4]), pairs = Tensor.From(1, 4, [1, 2, 3, 4]);
        backend.Rotary(halves, [0], cos, sin, 4, RotaryStyle.HalfSplit);
        backend.Rotary(pairs, [0], cos, sin, 4, RotaryStyle.Interleaved);
        Assert.Equal([-3f, 2, 1, 4], halves.Span.ToArray());
        Assert.Equal([-2f, 1, 3, 4], pairs.Span.ToArray());
    }

    [Fact]
    public void Paged_attention_of_a_sequence_is_its_causal_attention()
    {
        using ReferenceBackend backend = new();
        Tensor q = Samples.Normal(1, 7, 12), k = Samples.Normal(2, 7, 6), v = Samples.Normal(3, 7, 6);
        Tensor causal = Samples.Poisoned(7, 12), paged = Samples.Poisoned(7, 12), sums = Samples.Poisoned(7, 4);
        using HostKvCache cache = new(1, 4, 2, 2, 3);
        backend.WriteKv(k, v, cache, 0, [6, 7, 0, 1, 4, 5, 2]);
        backend.PagedAttention(q, cache, 0, [new(0, 5, 0, new[] { 3, 0, 2, 1 }), new(5, 2, 5, new[] { 3, 0, 2, 1 })], new(0.4f), paged);
        backend.CausalAttention(q, k, v, [0, 7], 3, 0.4f, causal, sums);
        Backends.Close(causal, paged, 1e-6, "paged attention");
    }

    private static void Check(Action forward, Tensor y, Tensor r, params (Tensor Input, Tensor Gradient)[] pairs)
    {
        foreach ((Tensor input, Tensor gradient) in pairs)
        {
            for (int i = 0; i < input.Span.Length; i++)
            {
                float value = input.Span[i], more = value + Step, less = value - Step;
                input.Span[i] = more;
                double high = Weighted(forward, y, r);
                input.Span[i] = less;
                double low = Weighted(forward, y, r);
                input.Span[i] = value;
                double slope = (high - low) / (more - (double)less);
                Assert.True(
                    Math.Abs(slope - gradient.Span[i]) <= Tolerance * Math.Max(1, Math.Abs(slope)), $"{gradient.Span[i]} at {i}, expected {slope}");
            }
        }
    }

    private static double Weighted(Action forward, Tensor y, Tensor r)
    {
        forward();
        double sum = 0;
        for (int i = 0; i < y.Span.Length; i++)
        {
            sum += (double)y.Span[i] * r.Span[i];
        }

        return sum;
    }
}
