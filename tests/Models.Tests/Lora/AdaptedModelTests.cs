using Inference.Models.Architectures;
using Inference.Models.Lora;
using Inference.Models.Tests.Architectures;
using Inference.Models.Weights;
using Inference.Tensors;
using Inference.TestSupport;

namespace Inference.Models.Tests.Lora;

/// <summary>A model with an adapter is the model whose weights have the change added to them, and leaves all others alone.</summary>
public sealed class AdaptedModelTests : IDisposable
{
    /// <summary>Of the largest logit: sums of F32 in another order, over a few layers.</summary>
    private const double Tolerance = 1e-4;

    private static readonly int[] Prompt = TinyModels.Prompt(21);

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData("cpu", "llama", false, false)]
    [InlineData("cpu", "llama", false, true)]
    [InlineData("cpu", "llama", true, true)]
    [InlineData("reference", "llama", true, true)]
    [InlineData("cpu", "qwen2", false, true)]
    [InlineData("cpu", "qwen2", true, false)]
    [InlineData("cpu", "phi3", true, false)]
    [InlineData("cpu", "phi3", false, true)]
    [InlineData("cpu", "gemma2", true, false)]
    [InlineData("cpu", "olmo2", false, false)]
    public void Its_logits_are_those_of_the_merged_weights(string backendName, string architecture, bool dora, bool gguf)
    {
        ModelConfig config = TinyModels.Of(architecture);
        string targets = config.TieWordEmbeddings ? ".*_proj" : ".*_proj|lm_head";
        LoraConfig lora = new() { Rank = 3, Alpha = 6, UseDora = dora, TargetModules = TargetModules.FromText(targets) };
        using IBackend backend = Backends.Create(backendName);
        LoraAdapter adapter = PeftAdapter.Open(RandomAdapter.Write(_directory.File("adapter"), config, lora, 5));
        using ICausalModel merged = Load("merged", config, gguf, Merge(RandomModel.Rows(TinyModels.Seed), config, adapter), backend);
        using ICausalModel model = Load("base", config, gguf, RandomModel.Rows(TinyModels.Seed), backend);
        using AdapterWeights weights = model.Bind(adapter);

        float[] expected = Logits(merged), actual = Logits(model, weights), plain = Logits(model);

        double largest = expected.Max(Math.Abs);
        Assert.True(expected.Zip(actual, (e, a) => Math.Abs(e - a)).Max() <= Tolerance * largest);
        Assert.True(expected.Zip(plain, (e, p) => Math.Abs(e - p)).Max() > 0.05 * largest, "the adapter changes too little to be tested");
    }

    [Theory]
    [InlineData(DType.F32)]
    [InlineData(DType.BF16)]
    [InlineData(DType.Q8_0)]
    public void Base_and_adapters_in_one_step_give_the_bits_that_each_gives_alone(DType type)
    {
        ModelConfig config = TinyModels.Llama;
        using IBackend backend = Backends.Create("cpu");
        string path = _directory.File("base.gguf");
        RandomModel.WriteGguf(path, config, type, TinyModels.Seed);
        using ICausalModel model = ArchitectureRegistry.Load(path, backend);
        AdapterWeights?[] adapters =
        [
            null,
            .. Enumerable.Range(0, 5).Select(i => model.Bind(PeftAdapter.Open(RandomAdapter.Write(
                _directory.File($"{i}"), config, new LoraConfig { Rank = 1 + (3 * i), UseDora = i == 2, TargetModules = TargetModules.FromText(".*_proj|lm_head") }, i, i == 1 ? DType.BF16 : DType.F32)))),
        ];
        int[] order = [0, 3, 1, 0, 2, 4, 5, 3, 0];
        int[][] prompts = [.. order.Select((_, i) => Prompt[(i % 5)..(6 + i)])];
        float[][] alone = [.. order.Select((adapter, i) =>
        {
            using ModelSequence sequence = new(model, 32, adapter: adapters[adapter]);
            return sequence.Feed(prompts[i]);
        })];

        using KvCache cache = model.CreateKvCache(order.Length * 2, 16);
        using Tensor logits = Tensor.Allocate(order.Length, config.VocabularySize);
        model.Forward(Batch(prompts, order, adapters), cache, logits);

        for (int i = 0; i < order.Length; i++)
        {
            Assert.Equal(alone[i], logits.ReadRow(i));
        }

        Array.ForEach(adapters, adapter => adapter?.Dispose());
    }

    [Fact]
    public void An_adapter_of_experts_is_refused_with_the_layer()
    {
        ModelConfig config = TinyModels.Mixtral;
        using IBackend backend = Backends.Create("cpu");
        using ICausalModel model = Load("base", config, false, RandomModel.Rows(TinyModels.Seed), backend);
        LoraAdapter adapter = PeftAdapter.Open(RandomAdapter.Write(_directory.File("a"), config, new LoraConfig { TargetModules = TargetModules.AllLinear }, 1));

        Assert.Contains("takes no adapters (experts", Assert.Throws<ModelFormatException>(() => model.Bind(adapter)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Numbers_that_are_not_finite_are_refused_with_the_layer()
    {
        ModelConfig config = TinyModels.Llama;
        using IBackend backend = Backends.Create("cpu");
        using ICausalModel model = Load("base", config, false, RandomModel.Rows(TinyModels.Seed), backend);
        LoraConfig lora = new() { Rank = 1, TargetModules = TargetModules.FromNames("model.layers.1.self_attn.o_proj") };
        using Tensor a = Tensor.Allocate(1, 128), b = Tensor.From(64, 1, [.. Enumerable.Repeat(1f, 63), float.NaN]);
        foreach (DType type in new[] { DType.F32, DType.F16, DType.BF16 })
        {
            PeftAdapter.Write(_directory.File($"{type}"), lora, [new LoraModule("model.layers.1.self_attn.o_proj", a, b, lora.ScaleOf("o_proj"))], type);

            ModelFormatException error = Assert.Throws<ModelFormatException>(() => model.Bind(PeftAdapter.Open(_directory.File($"{type}"))));

            Assert.Contains("'model.layers.1.self_attn.o_proj' have numbers that are not finite", error.Message, StringComparison.Ordinal);
        }
    }

    /// <summary>Rows of W + scale B A, scaled to the magnitudes where there are some.</summary>
    private static FillTensorRow Merge(FillTensorRow plain, ModelConfig config, LoraAdapter adapter)
    {
        Dictionary<string, (LoraModule Module, float[][] A)> modules =
            adapter.Modules.ToDictionary(m => $"{m.Name}.weight", m => (m, Enumerable.Range(0, m.Rank).Select(m.A.ReadRow).ToArray()));
        return (name, row, values) =>
        {
            plain(name, row, values);
            if (!modules.TryGetValue(name, out (LoraModule Module, float[][] A) found))
            {
                return;
            }

            float[] b = found.Module.B.ReadRow(row);
            double squares = 0;
            for (int i = 0; i < values.Length; i++)
            {
                values[i] += found.Module.Scale * b.Select((factor, j) => factor * found.A[j][i]).Sum();
                squares += (double)values[i] * values[i];
            }

            for (int i = 0; found.Module.Magnitude is not null && i < values.Length; i++)
            {
                values[i] *= (float)(found.Module.Magnitude.Row(0)[row] / Math.Sqrt(squares));
            }
        };
    }

    private static float[] Logits(ICausalModel model, AdapterWeights? adapter = null)
    {
        using ModelSequence sequence = new(model, 32, adapter: adapter);
        sequence.Feed(Prompt, chunk: 15);
        return sequence.Feed([7]);
    }

    /// <summary>Sequence i has the blocks 2i and 2i + 1.</summary>
    private static ForwardBatch Batch(int[][] prompts, int[] order, AdapterWeights?[] adapters)
    {
        int[] starts = [.. prompts.Select((_, i) => prompts.Take(i).Sum(p => p.Length))];
        return new ForwardBatch
        {
            TokenIds = [.. prompts.SelectMany(p => p)],
            Positions = [.. prompts.SelectMany(p => Enumerable.Range(0, p.Length))],
            Slots = [.. prompts.SelectMany((p, i) => Enumerable.Range(32 * i, p.Length))],
            Slices = [.. prompts.Select((p, i) => new AttentionSlice(starts[i], p.Length, 0, new[] { 2 * i, (2 * i) + 1 }))],
            LogitRows = [.. prompts.Select((p, i) => starts[i] + p.Length - 1)],
            Adapters =
            [
                .. order.Select((adapter, i) => (adapter, Rows: Enumerable.Range(starts[i], prompts[i].Length))).Where(part => part.adapter > 0)
                    .GroupBy(part => part.adapter).Select(group => new AdapterRows(adapters[group.Key]!, [.. group.SelectMany(part => part.Rows)])),
            ],
        };
    }

    private ICausalModel Load(string name, ModelConfig config, bool gguf, FillTensorRow fill, IBackend backend)
    {
        string path = _directory.File(gguf ? $"{name}.gguf" : name);
        if (gguf)
        {
            ModelWriter.WriteGguf(path, config, DType.F32, fill);
        }
        else
        {
            ModelWriter.WriteHuggingFace(path, config, DType.F32, fill);
        }

        return ArchitectureRegistry.Load(path, backend);
    }
}
