using Inference.Models;
using Inference.Models.Lora;
using Inference.Tensors;
using Inference.Tensors.Cpu;
using Inference.TestSupport;
using Inference.Training.Data;
using Inference.Training.FineTuning;

namespace Inference.Training.Tests.FineTuning;

/// <summary>A training step's loss and the adapter's gradients against <see cref="PlainDecoder"/>.</summary>
public sealed class PlainAgreementTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData("llama", FineTuningMethod.Supervised, false)]
    [InlineData("llama", FineTuningMethod.Supervised, true)]
    [InlineData("qwen2", FineTuningMethod.Supervised, false)]
    [InlineData("qwen3", FineTuningMethod.Supervised, true)]
    [InlineData("llama", FineTuningMethod.Dpo, false)]
    [InlineData("qwen3", FineTuningMethod.Dpo, true)]
    public void Loss_and_gradients_are_those_of_plain_loops_in_double_precision(string architecture, FineTuningMethod method, bool dora)
    {
        ModelConfig config = TinyBase.Config with
        {
            Architecture = architecture,
            AttentionBias = architecture == "qwen2",
            VocabularySize = 13,
            HiddenSize = 6,
            IntermediateSize = 10,
            HeadCount = 2,
            KvHeadCount = 1,
            HeadDimension = 4,
        };
        string path = TinyBase.WriteHuggingFace(_directory.File("base"), DType.F32, config);
        FineTuningOptions options = TinyBase.Options with
        {
            Method = method,
            DpoBeta = 0.3f,
            Lora = new LoraConfig { Rank = 2, Alpha = 3, UseDora = dora, UseRsLora = true, TargetModules = TargetModules.AllLinear },
        };
        using CpuBackend backend = new(1);
        using AdaptedModel model = AdaptedModel.Open(path, backend, options.Lora, 12, seed: 1);
        Randomise(model.Parameters);
        using TrainingPass pass = new(model.Layers, backend, 24, 3, checkpointing: false);
        TrainingExample[] examples =
        [
            new([1, 5, 2, 9, 12], [0, 0, 1, 0.5f, 1]), new([1, 5, 2, 3, 7], [0, 0, 1, 0.5f, 1]), new([4, 11, 8], [0, 1, 2]), new([4, 11, 0, 6], [0, 1, 2, 1]),
        ];
        PackedBatch batch = PackedBatch.Pack(examples);
        Objective objective = new(options, model, pass);
        float scale = (float)(1 / objective.WeightOf([batch]));

        BatchTotals totals = objective.AddGradients(batch, scale, dropoutSeed: 0);

        PlainDecoder plain = Plain(config, model, options.Lora);
        Scalar loss = method == FineTuningMethod.Dpo ? Preference(plain, examples, options.DpoBeta) : Supervised(plain, examples);
        loss.Differentiate();
        Assert.Equal(loss.Value, totals.MeanLoss, 1e-5);
        foreach ((string name, (Scalar[][] a, Scalar[][] b, Scalar[]? magnitude, _)) in plain.Adapters)
        {
            SameSlopes(name, [.. a.SelectMany(row => row)], model.Gradients[$"{name}.lora_A.weight"]);
            SameSlopes(name, [.. from k in Enumerable.Range(0, 2) from row in b select row[k]], model.Gradients[$"{name}.lora_B.weight"]);
            if (magnitude is not null)
            {
                SameSlopes(name, magnitude, model.Gradients[$"{name}.lora_magnitude_vector"]);
            }
        }

        Assert.Equal(14, plain.Adapters.Count);
    }

    private static Scalar Supervised(PlainDecoder plain, TrainingExample[] examples) =>
        Scalar.Sum(examples.Select(e => Total(plain, e))) / examples.Sum(e => e.Weights.Skip(1).Sum());

    private static Scalar Preference(PlainDecoder plain, TrainingExample[] examples, double beta)
    {
        Scalar one = 1;
        return Scalar.Sum(examples.Chunk(2).Select(pair =>
        {
            Scalar margin = Gain(pair[0]) - Gain(pair[1]);
            return Scalar.Log(one + Scalar.Exp(margin * -beta));
        })) / (examples.Length / 2);

        Scalar Gain(TrainingExample example)
        {
            plain.IsBase = true;
            Scalar before = Total(plain, example);
            plain.IsBase = false;
            return before - Total(plain, example);
        }
    }

    private static Scalar Total(PlainDecoder plain, TrainingExample example) =>
        Scalar.Sum(plain.Losses(example.Tokens).Zip(example.Weights.Skip(1), (loss, weight) => loss * (double)weight));

    private static PlainDecoder Plain(ModelConfig config, AdaptedModel model, LoraConfig lora)
    {
        PlainDecoder plain = new(config, RandomModel.Rows(TinyBase.Seed));
        foreach (LoraModule module in model.ToModules(model.Parameters))
        {
            plain.Adapters.Add(module.Name, (
                Rows(module.A), Rows(module.B), module.Magnitude is null ? null : Rows(module.Magnitude)[0], lora.Alpha / MathF.Sqrt(lora.Rank)));
        }

        return plain;
    }

    private static Scalar[][] Rows(Tensor tensor) =>
        [.. Enumerable.Range(0, tensor.Rows).Select(row => tensor.ReadRow(row).Select(v => (Scalar)v).ToArray())];

    private static void Randomise(ParameterSet parameters)
    {
        Random random = new(4);
        foreach ((string name, Tensor tensor) in parameters.Entries)
        {
            foreach (ref float value in tensor.Span)
            {
                value = name.EndsWith("vector", StringComparison.Ordinal) ? value * (0.7f + (0.6f * random.NextSingle())) : (2 * random.NextSingle()) - 1;
            }
        }
    }

    /// <summary>F32 against double: within 1e-4 of the largest slope of the tensor.</summary>
    private static void SameSlopes(string name, Scalar[] expected, Tensor actual)
    {
        double largest = expected.Max(e => Math.Abs(e.Slope));
        Assert.True(largest > 1e-5, $"{name} has no gradient");
        float[] values = actual.Span.ToArray();
        Assert.Equal(expected.Length, values.Length);
        for (int i = 0; i < values.Length; i++)
        {
            Assert.True(Math.Abs(expected[i].Slope - values[i]) < 1e-6 + (1e-4 * largest), $"{name} element {i}: {expected[i].Slope}, not {values[i]}");
        }
    }
}
