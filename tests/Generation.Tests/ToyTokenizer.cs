using System.Text;
using System.Text.Json.Nodes;
using Inference.Text.Tokenizers;

namespace Inference.Generation.Tests;

/// <summary>The 256 bytes as ids 0 to 255, and 256 as the special end token &lt;/s&gt;.</summary>
internal static class ToyTokenizer
{
    public const int Eos = 256;
    public const int VocabularySize = 257;

    public static Tokenizer Create() => Tokenizer.FromJson(Encoding.UTF8.GetBytes(Json()));

    /// <summary>The contents of its tokenizer.json.</summary>
    public static string Json()
    {
        JsonObject vocabulary = [];
        int beyond = 256;
        for (int b = 0; b < 256; b++)
        {
            // GPT-2's alphabet: printable bytes are themselves, the others the characters from 256 on.
            bool printable = b is (>= 33 and <= 126) or (>= 161 and <= 172) or >= 174;
            vocabulary[((char)(printable ? b : beyond++)).ToString()] = b;
        }

        JsonObject document = new()
        {
            ["version"] = "1.0",
            ["added_tokens"] = new JsonArray(new JsonObject { ["id"] = Eos, ["content"] = "</s>", ["special"] = true, ["normalized"] = false }),
            ["normalizer"] = null,
            ["pre_tokenizer"] = new JsonObject { ["type"] = "ByteLevel", ["add_prefix_space"] = false, ["use_regex"] = true },
            ["post_processor"] = null,
            ["decoder"] = new JsonObject { ["type"] = "ByteLevel" },
            ["model"] = new JsonObject { ["type"] = "BPE", ["vocab"] = vocabulary, ["merges"] = new JsonArray() },
        };
        return document.ToJsonString();
    }
}
