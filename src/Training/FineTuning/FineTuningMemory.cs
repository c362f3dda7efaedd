using Inference.Models;
using Inference.Models.Architectures;
using Inference.Models.Lora;

namespace Inference.Training.FineTuning;

/// <summary>
/// The memory of a trainer, counted from what it allocates: <see cref="AdaptedModel"/>, <see cref="Optimisation.AdamW"/>, <see cref="TrainingPass"/>.
/// Buffers take memory as far as they are used, so what counts is the rows of the largest micro-batch, not those that it may have.
/// </summary>
public static class FineTuningMemory
{
    /// <summary>The runtime with the program's code and thread stacks, as measured with the smallest job.</summary>
    private const long ProgramBytes = 60L << 20;

    /// <summary>An entry of a vocabulary: the token, its place in the tables, its merge.</summary>
    private const long BytesOfVocabularyEntry = 120;

    /// <summary>A token of the data, with its weight, and what reading leaves behind.</summary>
    private const long BytesOfToken = 24;

    /// <summary>Most memory at once, in bytes.</summary>
    /// <param name="config">The base.</param>
    /// <param name="weightBytes">Its files, which are mapped and read from end to end in each step.</param>
    /// <param name="options">The run.</param>
    /// <param name="tokens">Tokens of all data.</param>
    /// <param name="isEvaluated">There is validation data: the best adapter is kept beside the present one, and evaluation fills whole micro-batches.</param>
    /// <exception cref="ArgumentException">The target modules match no layer, or the architecture is unknown.</exception>
    public static long Estimate(ModelConfig config, long weightBytes, FineTuningOptions options, long tokens, bool isEvaluated)
    {
        LinearModule[] adapted = [.. options.Lora.Resolve(config)];
        long adapter = adapted.Sum(m => ((m.Inputs + m.Outputs) * (long)options.Lora.RankOf(m.Name)) + (options.Lora.UseDora ? m.Outputs : 0));

        // Parameters, gradients, two moments, the copy that is written; the best so far.
        long sets = isEvaluated ? 6 : 5;
        long rows = Math.Min(options.MicroBatchRows, isEvaluated ? tokens : Math.Min(tokens, (long)options.BatchSize * options.RowsOfLongestItem));
        long floats = (sets * adapter) + (rows * RowFloats(config, options, adapted)) + ChunkFloats(config, options, adapted, rows);
        return weightBytes + (sizeof(float) * floats) + (tokens * BytesOfToken) + (config.VocabularySize * BytesOfVocabularyEntry) + ProgramBytes;
    }

    /// <summary>What a row takes in the blocks, in their shared buffers and before the output projection.</summary>
    private static long RowFloats(ModelConfig config, FineTuningOptions options, LinearModule[] adapted)
    {
        long hidden = config.HiddenSize, inner = config.IntermediateSize, layers = config.LayerCount;
        long queries = (long)config.HeadCount * config.HeadDimension, keys = (long)config.KvHeadCount * config.HeadDimension;
        long normed = NormsQueries(config) ? queries + keys : 0;
        long block = (3 * hidden) + (2 * queries) + (2 * keys) + normed + config.HeadCount + (3 * inner);
        long adapters = adapted.Where(m => m.Name != LinearModule.Head).Sum(m => AdapterFloats(options.Lora, m));
        long kept = options.GradientCheckpointing ? block + (adapters / layers) : (layers * block) + adapters;
        long shared = (2 * hidden) + (2 * queries) + (2 * keys) + normed + (3 * inner);
        long inputs = (layers + 1) * hidden, head = 4 * hidden;
        return kept + shared + inputs + head;
    }

    /// <summary>Logits, and what an adapter of the output projection keeps, a chunk of rows at a time.</summary>
    private static long ChunkFloats(ModelConfig config, FineTuningOptions options, LinearModule[] adapted, long rows) =>
        Math.Min(rows, options.HeadChunkRows) * (config.VocabularySize + adapted.Where(m => m.Name == LinearModule.Head).Sum(m => AdapterFloats(options.Lora, m)));

    /// <summary>What an adapted layer keeps of a row (<see cref="LoraActivations"/>).</summary>
    private static long AdapterFloats(LoraConfig lora, LinearModule module) =>
        (2L * lora.RankOf(module.Name)) + (lora.Dropout > 0 ? 2L * module.Inputs : 0) + (lora.UseDora ? 2L * module.Outputs : 0);

    private static bool NormsQueries(ModelConfig config) =>
        ArchitectureRegistry.Find(config.Architecture)?.Tensors(config).Any(t => t.Name.EndsWith(".q_norm.weight", StringComparison.Ordinal)) == true;
}
