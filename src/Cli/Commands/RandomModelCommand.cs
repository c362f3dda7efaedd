using System.CommandLine;
using Inference.Models;
using Inference.Models.Weights;
using Inference.Tensors;

namespace Inference.Cli.Commands;

/// <summary>`inference models random`: writes a model of a given shape with random weights, to measure speed and memory without a download.</summary>
internal static class RandomModelCommand
{
    private static readonly string[] TokenizerFiles =
        ["tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "chat_template.jinja"];

    public static Command Create()
    {
        Option<string> shape = new("--shape") { Description = $"{string.Join(", ", ModelShapes.Names)}, or the path of a config.json.", Required = true };
        Option<string> output = new("--output", "-o") { Description = "The .gguf file or the directory to write.", Required = true };
        Option<string> format = new("--format") { Description = "gguf or hf.", DefaultValueFactory = _ => "gguf" };
        format.AcceptOnlyFromAmong("gguf", "hf");
        string[] types = [.. Enum.GetNames<DType>().Select(name => name.ToLowerInvariant())];
        Option<string> type = new("--type") { Description = $"Number format of the matrices: {string.Join(", ", types)}.", DefaultValueFactory = _ => "bf16" };
        type.AcceptOnlyFromAmong(types);
        Option<ulong> seed = new("--seed") { Description = "Seed of the weights.", DefaultValueFactory = _ => 1 };
        Option<string?> tokenizer = new("--tokenizer")
        {
            Description = "Where the vocabulary comes from: a .gguf file for --format gguf, a directory with tokenizer.json for --format hf. A smaller one is filled up.",
        };
        Command command = new("random", "Write a model with random weights.") { shape, output, format, type, seed, tokenizer };
        command.SetAction((result, _) => Cli.RunAsync(() =>
        {
            ModelConfig config = ModelShapes.Find(result.GetRequiredValue(shape));
            DType stored = Enum.Parse<DType>(result.GetRequiredValue(type), ignoreCase: true);
            string path = result.GetRequiredValue(output);
            if (result.GetValue(format) == "hf")
            {
                WriteHuggingFace(path, config, stored, result.GetValue(seed), result.GetValue(tokenizer));
            }
            else
            {
                WriteGguf(path, config, stored, result.GetValue(seed), result.GetValue(tokenizer));
            }

            return Task.CompletedTask;
        }));
        return command;
    }

    private static void WriteGguf(string path, ModelConfig config, DType type, ulong seed, string? tokenizer)
    {
        if (Directory.Exists(tokenizer))
        {
            throw new ArgumentException($"--tokenizer: '{tokenizer}' is a directory; --format gguf takes the vocabulary of a .gguf file");
        }

        RandomModel.WriteGguf(path, config, type, seed, tokenizer is null ? null : GgufVocabulary.Read(tokenizer, config.VocabularySize));
    }

    private static void WriteHuggingFace(string path, ModelConfig config, DType type, ulong seed, string? tokenizer)
    {
        if (tokenizer is not null && !File.Exists(Path.Combine(tokenizer, TokenizerFiles[0])))
        {
            throw new ArgumentException($"--tokenizer: '{tokenizer}' has no {TokenizerFiles[0]}, which --format hf takes the vocabulary from");
        }

        RandomModel.WriteHuggingFace(path, config, type, seed);
        foreach (string file in TokenizerFiles.Where(file => tokenizer is not null && File.Exists(Path.Combine(tokenizer, file))))
        {
            File.Copy(Path.Combine(tokenizer!, file), Path.Combine(path, file), overwrite: true);
        }
    }
}
