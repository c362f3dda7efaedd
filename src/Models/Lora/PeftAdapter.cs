using System.Security.Cryptography;
using Inference.Models.Weights;
using Inference.Tensors;

namespace Inference.Models.Lora;

/// <summary>
/// Adapters in the files of PEFT (https://github.com/huggingface/peft): `adapter_config.json` and `adapter_model.safetensors`, whose
/// tensors are named `base_model.model.LAYER.lora_A.weight` [rank, in], `.lora_B.weight` [out, rank] and `.lora_magnitude_vector` [out].
/// </summary>
public static class PeftAdapter
{
    /// <summary>Name of the tensors' file.</summary>
    public const string TensorsName = "adapter_model.safetensors";

    private const string Prefix = "base_model.model.", A = ".lora_A.weight", B = ".lora_B.weight", Magnitude = ".lora_magnitude_vector";

    /// <summary>Where models that see images have their decoder: such a name is read as that of the decoder alone.</summary>
    private static readonly string[] DecoderPrefixes = ["language_model.model.", "model.language_model.", "model."];

    /// <summary>Maps an adapter's files and checks them: the configuration, and each layer's tensors against its rank.</summary>
    /// <exception cref="ModelFormatException">A file is missing or damaged, or the adapter is of a kind that is not supported.</exception>
    public static LoraAdapter Open(string directory)
    {
        string tensors = Path.Combine(directory, TensorsName), settings = Path.Combine(directory, PeftConfigFile.Name);
        if (!File.Exists(settings))
        {
            throw new ModelFormatException(directory, $"the directory has no {PeftConfigFile.Name}");
        }

        LoraConfig config = PeftConfigFile.Read(settings);
        if (!File.Exists(tensors))
        {
            string pickled = File.Exists(Path.Combine(directory, "adapter_model.bin")) ? " (adapter_model.bin holds Python objects and is not read: save it as safetensors)" : string.Empty;
            throw new ModelFormatException(directory, $"the directory has no {TensorsName}{pickled}");
        }

        SafetensorsFile file = SafetensorsFile.Open(tensors);
        try
        {
            LoraModule[] modules = [.. Modules(file, config)];
            return new LoraAdapter(directory, config, modules, Hash(settings, tensors), new FileInfo(tensors).Length, file);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Writes both files into a directory, which is made if need be; the configuration last, so that a directory that has it is whole.</summary>
    /// <param name="directory">The directory.</param>
    /// <param name="config">Ranks, scales, targets.</param>
    /// <param name="modules">The layers' tensors.</param>
    /// <param name="type">Number format in the file: F32, F16 or BF16.</param>
    /// <exception cref="ArgumentException">A layer has another rank or scale than the configuration says, or safetensors lacks the format.</exception>
    public static void Write(string directory, LoraConfig config, IReadOnlyList<LoraModule> modules, DType type = DType.F32)
    {
        List<TensorSource> sources = [];
        foreach (LoraModule module in modules.OrderBy(m => m.Name, StringComparer.Ordinal))
        {
            if (module.Rank != config.RankOf(module.Name) || module.Scale != config.ScaleOf(module.Name) || module.Magnitude is not null != config.UseDora)
            {
                throw new ArgumentException($"'{module.Name}' has rank {module.Rank}, scale {module.Scale} and {(module.Magnitude is null ? "no " : "")}magnitude, unlike the configuration", nameof(modules));
            }

            sources.Add(TensorSource.FromTensor($"{Prefix}{module.Name}{A}", module.A, type));
            sources.Add(TensorSource.FromTensor($"{Prefix}{module.Name}{B}", module.B, type));
            if (module.Magnitude is not null)
            {
                sources.Add(TensorSource.FromTensor($"{Prefix}{module.Name}{Magnitude}", module.Magnitude, type, module.Magnitude.Columns));
            }
        }

        Directory.CreateDirectory(directory);
        SafetensorsWriter.Write(Path.Combine(directory, TensorsName), sources, new Dictionary<string, string> { ["format"] = "pt" });
        PeftConfigFile.Write(Path.Combine(directory, PeftConfigFile.Name), config);
    }

    private static IEnumerable<LoraModule> Modules(SafetensorsFile file, LoraConfig config)
    {
        SortedDictionary<string, (string? A, string? B, string? Magnitude)> layers = new(StringComparer.Ordinal);
        foreach (string tensor in file.Tensors.Keys)
        {
            (string name, string part) = Split(file, tensor);
            layers.TryGetValue(name, out (string? A, string? B, string? Magnitude) layer);
            layers[name] = part switch { A => layer with { A = tensor }, B => layer with { B = tensor }, _ => layer with { Magnitude = tensor } };
        }

        if (layers.Count == 0)
        {
            throw new ModelFormatException(file.Path, "the file has no tensors");
        }

        foreach ((string name, (string? a, string? b, string? magnitude)) in layers)
        {
            if (a is null || b is null || magnitude is null == config.UseDora)
            {
                string part = a is null ? A : b is null ? B : Magnitude;
                throw new ModelFormatException(file.Path, $"'{name}' {(part == Magnitude && !config.UseDora ? "must not have" : "lacks")} a tensor '{part[1..]}'");
            }

            if (config.TargetModules is not null && !config.Targets(name))
            {
                throw new ModelFormatException(file.Path, $"'{name}' is none of the target_modules ({config.TargetModules}) of the configuration");
            }

            yield return Module(file, config, name, a, b, magnitude);
        }
    }

    private static LoraModule Module(SafetensorsFile file, LoraConfig config, string name, string a, string b, string? magnitude)
    {
        TensorInfo down = file.Tensors[a], up = file.Tensors[b];
        int rank = config.RankOf(name);
        if (down.Shape.Count != 2 || up.Shape.Count != 2 || down.Shape[0] != rank || up.Shape[1] != rank)
        {
            throw new ModelFormatException(file.Path, $"'{name}' must have lora_A [{rank}, in] and lora_B [out, {rank}], not {down} and {up}");
        }

        if (magnitude is not null && file.Tensors[magnitude].Shape.Aggregate(1L, (product, n) => product * n) != up.Shape[0])
        {
            throw new ModelFormatException(file.Path, $"'{name}' must have {up.Shape[0]} magnitudes, not {file.Tensors[magnitude]}");
        }

        return new LoraModule(
            name, file.Get(a), file.Get(b), config.ScaleOf(name), magnitude is null ? null : file.Get(magnitude).Reshape(1, (int)up.Shape[0]));
    }

    private static (string Layer, string Part) Split(SafetensorsFile file, string tensor)
    {
        string name = tensor.EndsWith($"{Magnitude}.weight", StringComparison.Ordinal) ? tensor[..^".weight".Length] : tensor;
        string? part = new[] { A, B, Magnitude }.FirstOrDefault(p => name.EndsWith(p, StringComparison.Ordinal));
        if (part is null || !name.StartsWith(Prefix, StringComparison.Ordinal))
        {
            throw new ModelFormatException(
                file.Path, $"tensor '{tensor}' is not supported (supported: {Prefix}LAYER with {A}, {B} and {Magnitude}, of linear layers only)");
        }

        return (Layer(name[Prefix.Length..^part.Length]), part);
    }

    private static string Layer(string name)
    {
        string? prefix = DecoderPrefixes.FirstOrDefault(p => name.StartsWith(p, StringComparison.Ordinal));
        return prefix is not null ? $"model.{name[prefix.Length..]}"
            : name.EndsWith($".{LinearModule.Head}", StringComparison.Ordinal) ? LinearModule.Head : name;
    }

    private static string Hash(params string[] files)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (string path in files)
        {
            using FileStream stream = File.OpenRead(path);
            hash.AppendData(SHA256.HashData(stream));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
