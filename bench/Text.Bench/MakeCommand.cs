using System.CommandLine;
using System.Text;
using System.Text.Json;
using Inference.Models.Weights;
using Inference.Text.Tokenizers;

namespace Inference.Text.Bench;

/// <summary>`make`: a tokenizer.json and a GGUF file of the first entries of a tiktoken vocabulary, in Qwen2's form.</summary>
internal static class MakeCommand
{
    private const string Pattern =
        @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    public static Command Create()
    {
        Option<string> tiktoken = new("--tiktoken") { Description = "Lines of a token in Base64 and its rank.", Required = true };
        Option<int> entries = new("--entries") { Description = "How many.", DefaultValueFactory = _ => 151_643 };
        Option<string> directory = new("--out") { Description = "Where to write tokenizer.json and vocabulary.gguf.", Required = true };
        Command command = new("make", "Write a vocabulary to measure with.") { tiktoken, entries, directory };
        command.SetAction(result => Write(result.GetRequiredValue(tiktoken), result.GetValue(entries), result.GetRequiredValue(directory)));
        return command;
    }

    private static void Write(string tiktoken, int entries, string directory)
    {
        byte[][] tokens = [.. File.ReadLines(tiktoken).Take(entries).Select(l => Convert.FromBase64String(l.Split(' ')[0]))];
        string[] spellings = [.. tokens.Select(t => string.Concat(t.Select(ByteLevelAlphabet.CharacterOf)))];
        string[] merges = Merges(tokens);
        Directory.CreateDirectory(directory);
        WriteJson(Path.Combine(directory, "tokenizer.json"), spellings, merges);
        GgufWriter.Write(
            Path.Combine(directory, "vocabulary.gguf"),
            new Dictionary<string, object>
            {
                ["general.architecture"] = "qwen2",
                ["tokenizer.ggml.model"] = "gpt2",
                ["tokenizer.ggml.pre"] = "qwen2",
                ["tokenizer.ggml.tokens"] = spellings,
                ["tokenizer.ggml.token_type"] = Enumerable.Repeat(1, spellings.Length).ToArray(),
                ["tokenizer.ggml.merges"] = merges,
                ["qwen2.block_count"] = 1u,
                ["qwen2.context_length"] = 512u,
                ["qwen2.embedding_length"] = 64u,
                ["qwen2.feed_forward_length"] = 64u,
                ["qwen2.attention.head_count"] = 2u,
                ["qwen2.attention.layer_norm_rms_epsilon"] = 1e-6f,
            },
            []);
    }

    /// <summary>A token's two parts are what merging by the ranks below its own leaves of it.</summary>
    private static string[] Merges(byte[][] tokens)
    {
        Dictionary<string, int> ranks = tokens.Index().ToDictionary(t => Encoding.Latin1.GetString(t.Item), t => t.Index);
        List<string> merges = [];
        foreach (string token in tokens.Where(t => t.Length > 1).Select(Encoding.Latin1.GetString))
        {
            List<string> parts = [.. token.Select(c => c.ToString())];
            while (parts.Count > 2)
            {
                int best = Enumerable.Range(0, parts.Count - 1).MinBy(i => ranks.GetValueOrDefault(parts[i] + parts[i + 1], int.MaxValue));
                parts[best] += parts[best + 1];
                parts.RemoveAt(best + 1);
            }

            merges.Add(string.Join(' ', parts.Select(p => string.Concat(p.Select(c => ByteLevelAlphabet.CharacterOf((byte)c))))));
        }

        return [.. merges];
    }

    private static void WriteJson(string path, string[] spellings, string[] merges)
    {
        using FileStream file = File.Create(path);
        using Utf8JsonWriter json = new(file, new JsonWriterOptions { Indented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        json.WriteStartObject();
        json.WriteStartArray("added_tokens");
        json.WriteEndArray();
        json.WriteStartObject("normalizer");
        json.WriteString("type", "NFC");
        json.WriteEndObject();
        json.WritePropertyName("pre_tokenizer");
        JsonSerializer.Serialize(json, new
        {
            type = "Sequence",
            pretokenizers = new object[]
            {
                new { type = "Split", pattern = new { Regex = Pattern }, behavior = "Isolated", invert = false },
                new { type = "ByteLevel", add_prefix_space = false, trim_offsets = false, use_regex = false },
            },
        });
        json.WriteStartObject("decoder");
        json.WriteString("type", "ByteLevel");
        json.WriteEndObject();
        json.WriteStartObject("model");
        json.WriteString("type", "BPE");
        json.WriteStartObject("vocab");
        foreach ((int id, string spelling) in spellings.Index())
        {
            json.WriteNumber(spelling, id);
        }

        json.WriteEndObject();
        json.WriteStartArray("merges");
        foreach (string merge in merges)
        {
            json.WriteStringValue(merge);
        }

        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndObject();
    }
}
