using System.Numerics;
using System.Runtime.InteropServices;
using Inference.Models.Weights;
using Inference.Tensors;

namespace Inference.Models.Lora;

/// <summary>An adapter that was read from files, whose tensors borrow from a memory-mapped file that it owns.</summary>
public sealed class LoraAdapter : IDisposable
{
    private readonly IDisposable _owner;

    internal LoraAdapter(string path, LoraConfig config, IReadOnlyList<LoraModule> modules, string contentHash, long byteLength, IDisposable owner)
    {
        (Path, Config, Modules, ContentHash, ByteLength) = (path, config, modules, contentHash, byteLength);
        _owner = owner;
    }

    /// <summary>The directory.</summary>
    public string Path { get; }

    /// <summary>Ranks, scales, targets.</summary>
    public LoraConfig Config { get; }

    /// <summary>What is added to each layer, by name in ordinal order.</summary>
    public IReadOnlyList<LoraModule> Modules { get; }

    /// <summary>SHA-256 of both files, in lower-case hexadecimal: adapters of one hash give the same answers.</summary>
    public string ContentHash { get; }

    /// <summary>Bytes of the tensors' file.</summary>
    public long ByteLength { get; }

    /// <summary>Checks that the adapter fits a base: every layer exists and has these shapes, and every layer that it targets is there.</summary>
    /// <exception cref="ModelFormatException">It does not: names the layer, what the base has and what the adapter has.</exception>
    public void CheckFits(ModelConfig config)
    {
        Dictionary<string, LinearModule> layers = LinearModule.Of(config).ToDictionary(module => module.Name);
        foreach (LoraModule module in Modules)
        {
            LinearModule layer = layers.GetValueOrDefault(module.Name) ?? throw Wrong($"the base has no linear layer '{module.Name}'");
            if (module.A.Columns != layer.Inputs || module.B.Rows != layer.Outputs)
            {
                throw Wrong($"'{module.Name}' of the base is [{layer.Outputs}, {layer.Inputs}], the adapter is for [{module.B.Rows}, {module.A.Columns}]: it was made for another base");
            }
        }

        HashSet<string> present = [.. Modules.Select(module => module.Name)];
        string? missing = layers.Keys.FirstOrDefault(name => Config.Targets(name) && !present.Contains(name));
        if (missing is not null)
        {
            throw Wrong($"target_modules ({Config.TargetModules}) name '{missing}', of which the file has no tensors");
        }
    }

    /// <summary>Checks that every number is finite: one that is not would make every answer noise.</summary>
    /// <exception cref="ModelFormatException">One is not: names the layer.</exception>
    public void CheckNumbers()
    {
        foreach (LoraModule module in Modules)
        {
            if (new[] { module.A, module.B, module.Magnitude }.OfType<Tensor>().Any(HasInfinity))
            {
                throw Wrong($"the tensors of '{module.Name}' have numbers that are not finite");
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _owner.Dispose();

    /// <summary>Some element has all bits of its exponent set.</summary>
    private static bool HasInfinity(Tensor tensor) => tensor.Type switch
    {
        DType.F32 => Has<uint>(tensor, 0x7F800000),
        DType.F16 => Has<ushort>(tensor, 0x7C00),
        _ => Has<ushort>(tensor, 0x7F80),
    };

    private static bool Has<T>(Tensor tensor, T exponent)
        where T : unmanaged, IBinaryInteger<T>
    {
        foreach (T bits in MemoryMarshal.Cast<byte, T>(tensor.Bytes))
        {
            if ((bits & exponent) == exponent)
            {
                return true;
            }
        }

        return false;
    }

    private ModelFormatException Wrong(string problem) => new(Path, problem);
}
