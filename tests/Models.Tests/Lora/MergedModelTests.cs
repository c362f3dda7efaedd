using Inference.Models.Architectures;
using Inference.Models.Lora;
using Inference.Models.Tests.Architectures;
using Inference.Tensors;
using Inference.TestSupport;

namespace Inference.Models.Tests.Lora;

public sealed class MergedModelTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    /// <summary>In F32 the sums' order is the only difference; BF16 rounds each merged weight to 8 bits, the base's own precision.</summary>
    [Theory]
    [InlineData("llama", DType.F32, false, 1e-4)]
    [InlineData("llama", DType.F32, true, 1e-4)]
    [InlineData("phi3", DType.F32, false, 1e-4)]
    [InlineData("qwen2", DType.BF16, false, 0.05)]
    public void A_merged_model_answers_as_the_base_with_the_adapter(string architecture, DType type, bool dora, double tolerance)
    {
        ModelConfig config = TinyModels.Of(architecture);
        using IBackend backend = Backends.Create("cpu");
        RandomModel.WriteHuggingFace(_directory.File("base"), config, type, TinyModels.Seed);
        LoraConfig lora = new() { Rank = 3, Alpha = 6, UseDora = dora, TargetModules = TargetModules.AllLinear };
        RandomAdapter.Write(_directory.File("adapter"), config, lora, 5);

        MergedModel.Write(_directory.File("base"), _directory.File("adapter"), _directory.File("merged"));

        using ICausalModel model = ArchitectureRegistry.Load(_directory.File("base"), backend), merged = ArchitectureRegistry.Load(_directory.File("merged"), backend);
        using AdapterWeights adapter = model.Bind(PeftAdapter.Open(_directory.File("adapter")));
        float[] expected = Logits(model, adapter), actual = Logits(merged, null), plain = Logits(model, null);
        double largest = expected.Max(Math.Abs);
        Assert.True(expected.Zip(actual, (e, a) => Math.Abs(e - a)).Max() <= tolerance * largest);
        Assert.True(expected.Zip(plain, (e, p) => Math.Abs(e - p)).Max() > 2 * tolerance * largest, "the adapter changes too little to be tested");
    }

    [Fact]
    public void What_cannot_be_merged_is_refused_by_name()
    {
        ModelConfig config = TinyModels.Llama;
        RandomModel.WriteHuggingFace(_directory.File("base"), config, DType.F32, TinyModels.Seed);
        RandomModel.WriteGguf(_directory.File("base.gguf"), config, DType.Q8_0, TinyModels.Seed);
        RandomAdapter.Write(_directory.File("adapter"), config, new LoraConfig { Rank = 1, TargetModules = TargetModules.AllLinear }, 5);
        RandomAdapter.Write(_directory.File("other"), TinyModels.Of("qwen2"), new LoraConfig { Rank = 1, TargetModules = TargetModules.AllLinear }, 5);
        File.WriteAllText(Path.Combine(Directory.CreateDirectory(_directory.File("full")).FullName, "file"), "");

        string Refused(string model, string adapter, string output) => Assert.ThrowsAny<Exception>(
            () => MergedModel.Write(_directory.File(model), _directory.File(adapter), _directory.File(output))).Message;

        Assert.Contains(".gguf", Refused("base.gguf", "adapter", "out"), StringComparison.Ordinal);
        Assert.Contains("is not empty", Refused("base", "adapter", "full"), StringComparison.Ordinal);
        Assert.Contains("another base", Refused("base", "other", "out"), StringComparison.Ordinal);
        Assert.False(Directory.Exists(_directory.File("out")));
    }

    private static float[] Logits(ICausalModel model, AdapterWeights? adapter)
    {
        using ModelSequence sequence = new(model, 32, adapter: adapter);
        return sequence.Feed(TinyModels.Prompt(21));
    }
}
