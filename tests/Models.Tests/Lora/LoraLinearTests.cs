using Inference.Models.Layers;
using Inference.Models.Lora;
using Inference.Tensors;
using Inference.Tensors.Cpu;
using Inference.Tensors.Reference;
using static Inference.Models.Tests.Layers.GradientCheck;

namespace Inference.Models.Tests.Lora;

/// <summary>The adapter's forward pass against plain loops over the changed weight, its backward pass against finite differences of those.</summary>
public sealed class LoraLinearTests
{
    private const int Tokens = 3, Inputs = 6, Outputs = 5, Rank = 2;

    public static TheoryData<bool, bool, bool> Kinds() => new() { { false, false, false }, { true, false, false }, { false, true, false }, { false, true, true } };

    [Theory]
    [MemberData(nameof(Kinds))]
    public void The_output_and_the_gradients_are_those_of_the_changed_weight(bool rankStabilised, bool magnitudes, bool onCpu)
    {
        using IBackend backend = onCpu ? new CpuBackend(1) : new ReferenceBackend();
        Setup s = new(magnitudes, new LoraConfig { Rank = Rank, Alpha = 3, UseRsLora = rankStabilised }.ScaleOf("layer"));
        using LoraActivations saved = s.Layer.CreateActivations(backend, Tokens + 2);
        Tensor y = Tensor.Allocate(Tokens, Outputs), dx = Tensor.Allocate(Tokens, Inputs);

        s.Layer.Forward(backend, s.X, saved, null, y);
        double[] norms = s.Norms();
        s.Layer.Backward(backend, s.X, s.Slopes, saved, dx);

        Assert.All(s.Plain(norms).Zip(y.Span.ToArray()), p => Assert.Equal(p.First, p.Second, 1e-5));
        Agrees(s.X, dx, () => s.Loss(norms));
        Agrees(s.Parameters.A, s.Gradients.A, () => s.Loss(norms));
        Agrees(s.Parameters.TransposedB, s.Gradients.TransposedB, () => s.Loss(norms));
        if (magnitudes)
        {
            Agrees(s.Parameters.Magnitude!, s.Gradients.Magnitude!, () => s.Loss(norms));
        }
    }

    [Fact]
    public void The_scale_is_alpha_over_the_rank_or_over_its_root()
    {
        LoraConfig config = new() { Rank = 16, Alpha = 8 };

        Assert.Equal(0.5f, config.ScaleOf("layer"));
        Assert.Equal(2f, (config with { UseRsLora = true }).ScaleOf("layer"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_new_adapter_changes_no_output(bool magnitudes)
    {
        using ReferenceBackend backend = new();
        Setup s = new(magnitudes, 2, isNew: true);
        using LoraActivations saved = s.Layer.CreateActivations(backend, Tokens);
        Tensor adapted = Tensor.Allocate(Tokens, Outputs), plain = Tensor.Allocate(Tokens, Outputs);

        s.Layer.Forward(backend, s.X, saved, null, adapted);
        s.Layer.IsEnabled = false;
        s.Layer.Forward(backend, s.X, saved, null, plain);

        Assert.All(plain.Span.ToArray().Zip(adapted.Span.ToArray()), p => Assert.Equal(p.First, p.Second, 1e-6f));
        Assert.Contains(s.Parameters.A.Span.ToArray(), a => Math.Abs(a) > 0.2);
        Assert.All(s.Parameters.A.Span.ToArray(), a => Assert.InRange(Math.Abs(a), 0, 1 / Math.Sqrt(Inputs)));
    }

    [Fact]
    public void Dropout_drops_its_share_of_the_adapters_inputs_the_same_in_both_passes_and_keeps_their_mean()
    {
        using ReferenceBackend backend = new();
        Linear frozen = new(Tensor.Allocate(1, 1000));
        LoraParameters parameters = new(Tensor.From(1, 1000, Enumerable.Repeat(1f, 1000).ToArray()), Tensor.From(1, 1, [1]), null);
        LoraParameters gradients = new(Tensor.Allocate(1, 1000), Tensor.Allocate(1, 1), null);
        LoraLinear layer = new(frozen, parameters, gradients, scale: 1, dropout: 0.25f);
        using LoraActivations saved = layer.CreateActivations(backend, 1);
        Tensor x = Tensor.From(1, 1000, Enumerable.Repeat(1f, 1000).ToArray()), y = Tensor.Allocate(1, 1), again = Tensor.Allocate(1, 1), dx = Tensor.Allocate(1, 1000);

        layer.Forward(backend, x, saved, 11, y);
        layer.Backward(backend, x, Tensor.From(1, 1, [1]), saved, dx);
        layer.Forward(backend, x, saved, 11, again);

        int kept = dx.Span.ToArray().Count(d => d != 0);
        Assert.InRange(kept, 700, 800);
        Assert.Equal(kept / 0.75f, y.Span[0], 1e-2f);
        Assert.Equal(y.Span[0], again.Span[0]);
        Assert.Equal(dx.Span.ToArray(), gradients.A.Span.ToArray());
        layer.Forward(backend, x, saved, 12, again);
        Assert.NotEqual(y.Span[0], again.Span[0]);
        layer.Forward(backend, x, saved, null, again);
        Assert.Equal(1000, again.Span[0]);
    }

    [Theory]
    [InlineData(DType.Q8_0)]
    [InlineData(DType.Q4_0)]
    [InlineData(DType.BF16)]
    public void Over_a_base_of_another_format_output_and_gradients_are_those_over_its_numbers_in_F32(DType type)
    {
        using CpuBackend backend = new(1);
        Tensor stored = Random(40, 64, 1).ConvertTo(type), same = stored.ConvertTo(DType.F32), x = Random(7, 64, 2), dy = Random(7, 40, 3);
        List<Tensor[]> results = [];
        foreach (Tensor weight in (Tensor[])[stored, same])
        {
            LoraParameters parameters = new(Random(3, 64, 4), Random(3, 40, 5), Random(1, 40, 6)), gradients = new(Tensor.Allocate(3, 64), Tensor.Allocate(3, 40), Tensor.Allocate(1, 40));
            LoraLinear layer = new(new Linear(weight), parameters, gradients, 0.5f, 0);
            using LoraActivations saved = layer.CreateActivations(backend, 7);
            Tensor y = Tensor.Allocate(7, 40), dx = Tensor.Allocate(7, 64);
            layer.Forward(backend, x, saved, null, y);
            layer.Backward(backend, x, dy, saved, dx);
            results.Add([y, dx, gradients.A, gradients.TransposedB, gradients.Magnitude!]);
        }

        // Sums of 64 products, of the same numbers, whose order may differ by format.
        foreach ((Tensor a, Tensor b) in results[0].Zip(results[1]))
        {
            Assert.All(a.Span.ToArray().Zip(b.Span.ToArray()), p => Assert.Equal(p.Second, p.First, 2e-4f));
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_merged_weight_answers_as_the_layer_does_and_is_the_old_one_when_unmerged(bool magnitudes)
    {
        using ReferenceBackend backend = new();
        Setup s = new(magnitudes, 1.5f);
        using LoraActivations saved = s.Layer.CreateActivations(backend, Tokens);
        Tensor expected = Tensor.Allocate(Tokens, Outputs), actual = Tensor.Allocate(Tokens, Outputs);
        s.Layer.Forward(backend, s.X, saved, null, expected);
        float[] old = s.Weight.Span.ToArray();

        LoraMerge merge = new(s.Weight, s.Parameters.ToModule("layer", 1.5f));
        new Linear(s.Weight, s.Bias).Forward(backend, s.X, actual);
        float[] merged = s.Weight.Span.ToArray();
        merge.Undo();

        Assert.All(expected.Span.ToArray().Zip(actual.Span.ToArray()), p => Assert.Equal(p.First, p.Second, 1e-5f));
        Assert.Contains(merged.Zip(old), p => Math.Abs(p.First - p.Second) > 0.1);
        Assert.All(old.Zip(s.Weight.Span.ToArray()), p => Assert.Equal(p.First, p.Second, 1e-6f));
    }

    [Fact]
    public void A_quantised_weight_is_not_merged_into() =>
        Assert.Contains("Q8_0", Assert.Throws<ArgumentException>(
            () => new LoraMerge(Tensor.Allocate(2, 32, DType.Q8_0), new LoraModule("layer", Tensor.Allocate(1, 32), Tensor.Allocate(2, 1), 1))).Message);

    private sealed class Setup
    {
        private readonly float _scale;

        public Setup(bool magnitudes, float scale, bool isNew = false)
        {
            _scale = scale;
            Parameters = isNew
                ? LoraParameters.Create(Weight, Rank, magnitudes, new Random(9))
                : new LoraParameters(Random(Rank, Inputs, 3), Random(Rank, Outputs, 4), magnitudes ? Random(1, Outputs, 5) : null);
            Gradients = new(Tensor.Allocate(Rank, Inputs), Tensor.Allocate(Rank, Outputs), magnitudes ? Tensor.Allocate(1, Outputs) : null);
            Layer = new LoraLinear(new Linear(Weight, Bias), Parameters, Gradients, scale, 0);
        }

        public Tensor X { get; } = Random(Tokens, Inputs, 1);

        public Tensor Weight { get; } = Random(Outputs, Inputs, 2);

        public Tensor Bias { get; } = Random(1, Outputs, 6);

        public Tensor Slopes { get; } = Random(Tokens, Outputs, 7);

        public LoraParameters Parameters { get; }

        public LoraParameters Gradients { get; }

        public LoraLinear Layer { get; }

        /// <summary>Norms of the rows of the changed weight, made whole.</summary>
        public double[] Norms() => [.. Enumerable.Range(0, Outputs).Select(o => Math.Sqrt(Enumerable.Range(0, Inputs).Sum(i => Math.Pow(Changed(o, i), 2))))];

        /// <summary>The output, by the changed weight.</summary>
        public double[] Plain(double[] norms) => [.. from t in Enumerable.Range(0, Tokens)
                                                     from o in Enumerable.Range(0, Outputs)
                                                     let product = Enumerable.Range(0, Inputs).Sum(i => Changed(o, i) * X.Row(t)[i])
                                                     select ((Parameters.Magnitude is Tensor m ? m.Span[o] / norms[o] : 1) * product) + Bias.Span[o]];

        /// <summary>The loss whose gradient in the output is <see cref="Slopes"/>, with norms that stay as they are.</summary>
        public double Loss(double[] norms) => Plain(norms).Zip(Slopes.Span.ToArray(), (y, slope) => y * slope).Sum();

        private double Changed(int o, int i) => Weight.Row(o)[i]
            + (_scale * Enumerable.Range(0, Rank).Sum(k => (double)Parameters.TransposedB.Row(k)[o] * Parameters.A.Row(k)[i]));
    }
}
