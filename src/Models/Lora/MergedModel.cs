using Inference.Models.Weights;
using Inference.Tensors;

namespace Inference.Models.Lora;

/// <summary>Writes a model with an adapter in its weights, which then needs no adapter to be served: Hugging Face's directory form, the base's number formats.</summary>
public static class MergedModel
{
    /// <summary>Files besides the weights that make a model usable.</summary>
    private static readonly string[] Companions = ["*.json", "*.jinja", "*.model", "merges.txt", "vocab.txt"];

    /// <summary>Writes the model, a row in memory at a time; its configuration last, so that a directory that has it is whole.</summary>
    /// <param name="model">Directory of the base, in F32, F16 or BF16.</param>
    /// <param name="adapter">Directory of the adapter, in PEFT's form.</param>
    /// <param name="output">Directory to write: new, or empty.</param>
    /// <exception cref="ArgumentException">The base is a GGUF file or quantised, or the output is not empty.</exception>
    /// <exception cref="ModelFormatException">A file is damaged, or the adapter does not fit the base.</exception>
    public static void Write(string model, string adapter, string output)
    {
        if (!Directory.Exists(model))
        {
            throw new ArgumentException($"'{model}' is no directory: adapters are merged into models in Hugging Face's form, not into .gguf files", nameof(model));
        }

        if (Directory.Exists(output) && Directory.EnumerateFileSystemEntries(output).Any())
        {
            throw new ArgumentException($"'{output}' is not empty", nameof(output));
        }

        ModelConfig config = HuggingFaceConfig.Read(model);
        using ICheckpoint weights = ModelWeights.OpenSafetensors(model);
        using LoraAdapter lora = PeftAdapter.Open(adapter);
        lora.CheckFits(config);
        lora.CheckNumbers();
        HuggingFaceNames names = HuggingFaceNames.Of(weights);
        Dictionary<string, LoraModule> modules = lora.Modules.ToDictionary(module => names.InFile($"{module.Name}.weight"));
        string? absent = modules.Keys.FirstOrDefault(name => !weights.Tensors.ContainsKey(name));
        if (absent is not null)
        {
            throw new ModelFormatException(model, $"there is no tensor '{absent}' to merge into{(config.TieWordEmbeddings ? " (the output projection is the embedding table)" : "")}");
        }

        Directory.CreateDirectory(output);
        SafetensorsWriter.WriteDirectory(output, [.. weights.Tensors.Values.OrderBy(t => t.Offset).Select(t => Source(weights, t, modules.GetValueOrDefault(t.Name)))]);
        CopyCompanions(model, output);
    }

    private static TensorSource Source(ICheckpoint weights, TensorInfo info, LoraModule? module)
    {
        Tensor tensor = weights.Get(info.Name);
        int[] shape = [.. info.Shape.Select(n => checked((int)n))];
        if (module is null)
        {
            return TensorSource.FromTensor(info.Name, tensor, tensor.Type, shape);
        }

        MergedRows rows = new(tensor, module);
        return TensorSource.FromRows(info.Name, tensor.Type, shape, (row, values) => rows.Read(row, values));
    }

    private static void CopyCompanions(string model, string output)
    {
        string[] files = [.. Companions.SelectMany(pattern => Directory.EnumerateFiles(model, pattern))
            .Where(file => !file.EndsWith(".safetensors.index.json", StringComparison.Ordinal))
            .OrderBy(file => Path.GetFileName(file) == HuggingFaceConfig.FileName)];
        foreach (string file in files)
        {
            File.Copy(file, Path.Combine(output, Path.GetFileName(file)));
        }
    }
}
