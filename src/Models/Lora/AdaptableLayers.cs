using Inference.Models.Layers;
using Inference.Models.Weights;
using Inference.Tensors;

namespace Inference.Models.Lora;

/// <summary>The layers of a model that adapters may change, numbered in the order in which they were added.</summary>
/// <param name="backend">Where the layers run.</param>
/// <param name="headDimension">Elements in a head.</param>
/// <param name="interleaved">The rows of queries and keys are those of Hugging Face's checkpoints interleaved by head, as in GGUF files of Llama.</param>
internal sealed class AdaptableLayers(IBackend backend, int headDimension, bool interleaved)
{
    private readonly List<Part> _parts = [];

    /// <summary>Adds rows of a module, from <paramref name="firstRow"/> on: a whole layer, or a part of a fused one. Gives its number.</summary>
    public int Add(string module, int firstRow, Linear layer)
    {
        _parts.Add(new Part(module, firstRow, layer));
        return _parts.Count - 1;
    }

    /// <summary>Makes an adapter ready for these layers and closes it. May run while the model does.</summary>
    /// <param name="adapter">The adapter.</param>
    /// <param name="config">The model.</param>
    /// <param name="wanted">Number format of the copies; null: the best beside each weight.</param>
    /// <exception cref="ModelFormatException">The adapter does not fit, changes a layer that takes no adapters, or has numbers that are not finite.</exception>
    public AdapterWeights Bind(LoraAdapter adapter, ModelConfig config, DType? wanted)
    {
        LowRankWeight?[] weights = new LowRankWeight?[_parts.Count];
        LowRankBlock? block = null;
        try
        {
            adapter.CheckFits(config);
            adapter.CheckNumbers();
            HashSet<string> left = [.. adapter.Modules.Select(module => module.Name)];
            Dictionary<string, LoraModule> modules = adapter.Modules.ToDictionary(module => module.Name);
            block = new LowRankBlock(_parts.Sum(part => modules.TryGetValue(part.Module, out LoraModule? module)
                ? LowRankWeight.BytesOf(module.Rank, module.A.Columns, part.Layer.Weight.Rows, wanted ?? FormatOf(part, module)) : 0));
            for (int i = 0; i < weights.Length; i++)
            {
                if (modules.TryGetValue(_parts[i].Module, out LoraModule? module))
                {
                    weights[i] = backend.Place(Weight(_parts[i], module, wanted ?? FormatOf(_parts[i], module), block));
                    left.Remove(module.Name);
                }
            }

            return left.Count == 0 ? new AdapterWeights(adapter, weights, block)
                : throw new ModelFormatException(adapter.Path, $"'{left.Min()}' takes no adapters (experts and their routers do not)");
        }
        catch
        {
            Array.ForEach(weights, weight => weight?.Dispose());
            block?.Dispose();
            throw;
        }
        finally
        {
            adapter.Dispose();
        }
    }

    private LowRankWeight Weight(Part part, LoraModule module, DType type, LowRankBlock block)
    {
        int count = part.Layer.Weight.Rows;
        int[] rows = [.. Enumerable.Range(0, count).Select(row => part.First + (IsInterleaved(module.Name) ? RotaryHeads.HalfSplitIndex(row, headDimension) : row))];
        using Tensor b = Tensor.Allocate(count, module.Rank, module.B.Type);
        for (int row = 0; row < count; row++)
        {
            module.B.Slice(rows[row], 1).Bytes.CopyTo(b.Slice(row, 1).Bytes);
        }

        Tensor? factors = module.Magnitude is Tensor magnitude ? DoraFactors.Of(part.Layer.Weight, module, b, magnitude, rows) : null;
        return new LowRankWeight(module.A, b, module.Scale, factors, type, block);
    }

    /// <summary>
    /// Beside a weight of 16 bits or fewer an adapter of 32 would only cost memory traffic, the price of a step with many adapters; beside
    /// one of 32 it is left as it is stored.
    /// </summary>
    private DType FormatOf(Part part, LoraModule module) => (part.Layer.Weight.Type, backend.LowRankFormat) switch
    {
        (DType.F32, _) => module.B.Type,
        (DType.F16, DType.BF16) => DType.F16,
        (_, DType format) => format,
    };

    private bool IsInterleaved(string module) =>
        interleaved && (TargetModules.IsNamed(module, "q_proj") || TargetModules.IsNamed(module, "k_proj"));

    private sealed record Part(string Module, int First, Linear Layer);
}
