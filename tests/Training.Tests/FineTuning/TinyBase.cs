using Inference.Models;
using Inference.Models.Lora;
using Inference.Tensors;
using Inference.Training.Data;
using Inference.Training.FineTuning;
using Inference.Training.Optimisation;

namespace Inference.Training.Tests.FineTuning;

/// <summary>A base that is small enough for many steps, and data that can be learned.</summary>
internal static class TinyBase
{
    public const ulong Seed = 5;

    public static ModelConfig Config { get; } = new()
    {
        Architecture = "llama",
        VocabularySize = 24,
        ContextLength = 32,
        HiddenSize = 32,
        IntermediateSize = 64,
        LayerCount = 2,
        HeadCount = 4,
        KvHeadCount = 2,
        HeadDimension = 8,
        TieWordEmbeddings = true,
    };

    public static FineTuningOptions Options { get; } = new()
    {
        Lora = new LoraConfig { Rank = 4, Alpha = 8, TargetModules = TargetModules.AllLinear },
        Epochs = 2,
        BatchSize = 4,
        LearningRate = 0.02f,
        AdamW = new AdamWOptions { WeightDecay = 0.01f },
        MaxSequenceLength = 12,
        MicroBatchRows = 24,
        HeadChunkRows = 5,
        CheckpointEvery = 3,
        EvaluateEvery = 2,
        KeepCheckpoints = 20,
    };

    /// <summary>Question, a token to be learned from it, and the end; of different lengths.</summary>
    public static IReadOnlyList<IReadOnlyList<TrainingExample>> Items { get; } = [.. Enumerable.Range(0, 18).Select(Item)];

    /// <summary>Pairs of which the chosen answer is that of <see cref="Items"/>, the rejected one another.</summary>
    public static IReadOnlyList<IReadOnlyList<TrainingExample>> Pairs { get; } =
        [.. Items.Select(item => (IReadOnlyList<TrainingExample>)[item[0], new TrainingExample([.. item[0].Tokens[..^2], (item[0].Tokens[^2] + 7) % 20, 23], item[0].Weights)])];

    public static FineTuningData Data { get; } = new(Items, []);

    public static string WriteHuggingFace(string directory, DType type = DType.BF16, ModelConfig? config = null)
    {
        RandomModel.WriteHuggingFace(directory, config ?? Config, type, Seed);
        return directory;
    }

    private static IReadOnlyList<TrainingExample> Item(int i)
    {
        int length = 3 + (i % 5);
        int[] tokens = [.. Enumerable.Range(0, length).Select(p => (i + (p * 3)) % 20), (i * 2) % 20, 23];
        return [new TrainingExample(tokens, [.. Enumerable.Repeat(0f, length), 1, 1])];
    }
}
