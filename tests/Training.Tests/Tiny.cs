using Inference.Models;
using Inference.Training.Data;
using Inference.Training.Optimisation;

namespace Inference.Training.Tests;

/// <summary>A model small enough for the reference backend.</summary>
internal static class Tiny
{
    public static ModelConfig Config { get; } = new()
    {
        Architecture = "llama",
        VocabularySize = 11,
        ContextLength = 16,
        HiddenSize = 8,
        IntermediateSize = 12,
        LayerCount = 2,
        HeadCount = 4,
        KvHeadCount = 2,
        HeadDimension = 4,
        TieWordEmbeddings = true,
    };

    public static TrainingOptions Options { get; } = new()
    {
        Schedule = new CosineSchedule(0.02f, 0.001f, 2, 30),
        MicroBatchRows = 8,
        MicroBatches = 3,
        Workers = 2,
        HeadChunkRows = 3,
        Seed = 7,
    };

    /// <summary>Counting upwards from several starts; every second token is a prompt.</summary>
    public static IReadOnlyList<TrainingExample> Examples { get; } =
        [.. Enumerable.Range(0, 9).Select(s => new TrainingExample([.. Enumerable.Range(s, 4).Select(i => i % 11)], [0, 1, 0, 1]))];
}
