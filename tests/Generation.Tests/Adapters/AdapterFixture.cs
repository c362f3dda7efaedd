using Inference.Generation.Adapters;
using Inference.Models;
using Inference.Models.Architectures;
using Inference.Models.Lora;
using Inference.Tensors;
using Inference.Tensors.Cpu;
using Inference.TestSupport;
using static Inference.Generation.Tests.EngineFixture;

namespace Inference.Generation.Tests.Adapters;

/// <summary>A small real model with random weights, and a directory for its adapters.</summary>
internal sealed class AdapterFixture : IDisposable
{
    private readonly TemporaryDirectory _files = new();
    private readonly IBackend _backend;

    public AdapterFixture(IBackend? backend = null)
    {
        _backend = backend ?? new CpuBackend(2);
        Config = ModelShapes.Find("tiny") with { VocabularySize = ToyTokenizer.VocabularySize };
        RandomModel.WriteHuggingFace(_files.File("base"), Config, DType.F32, 3);
        Model = ArchitectureRegistry.Load(_files.File("base"), _backend);
    }

    public ModelConfig Config { get; }

    public ICausalModel Model { get; }

    public string Root => _files.File("adapters");

    public AdapterDirectory Directory => new(Root);

    public static LoraConfig Everywhere { get; } = new() { Rank = 4, Alpha = 16, TargetModules = TargetModules.AllLinear };

    /// <summary>Writes NAME/VERSION and gives its path.</summary>
    public string Write(string name, string version, int seed, LoraConfig? lora = null, ModelConfig? config = null) =>
        RandomAdapter.Write(Path.Combine(Root, name, version), config ?? Config, lora ?? Everywhere, seed);

    /// <summary>Writes version 1 of each name and points to it.</summary>
    public void Publish(params string[] names)
    {
        for (int i = 0; i < names.Length; i++)
        {
            Write(names[i], "1", 100 + i);
            Directory.Point(names[i], "1");
        }
    }

    public AdapterPool Pool(long? budget = null) => new(Model, new AdapterPoolOptions { Directory = Root, BudgetBytes = budget ?? (1 << 30) });

    public LlmEngine Engine(AdapterPool pool, LlmEngineOptions? options = null, bool start = true) =>
        new("base", Model, ToyTokenizer.Create(), (options ?? new LlmEngineOptions()) with { Seed = 1 }, null, null, null, null, start) { Adapters = pool };

    /// <summary>Greedy, with log-probabilities, so that any change of a logit shows.</summary>
    public static GenerationRequest Ask(string adapter, string prompt = "the quick brown fox jumps over", int maxTokens = 8) =>
        Request(prompt, new SamplingParameters { MaxTokens = maxTokens, Temperature = 0, Logprobs = 2, IgnoreEos = true }) with { Adapter = adapter };

    /// <summary>Tokens and log-probabilities, to the bit.</summary>
    public static string Text(Result result) =>
        string.Join(' ', result.Logprobs[0].Select(l => $"{l.TokenId}:{BitConverter.SingleToInt32Bits((float)l.Logprob):x8}"));

    public void Dispose()
    {
        Model.Dispose();
        _backend.Dispose();
        _files.Dispose();
    }
}
