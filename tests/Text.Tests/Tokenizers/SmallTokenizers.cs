using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Inference.Text.Tokenizers;

namespace Inference.Text.Tests.Tokenizers;

/// <summary>Tokenizers small enough to follow by hand, as tokenizer.json.</summary>
internal static class SmallTokenizers
{
    /// <summary>The 256 bytes as ids 0 to 255 in order of the byte, then the results of <paramref name="merges"/>.</summary>
    public static JsonObject ByteLevel(params string[] merges)
    {
        JsonObject vocabulary = [];
        for (int b = 0; b < 256; b++) vocabulary[ByteLevelAlphabet.CharacterOf((byte)b).ToString()] = b;
        foreach (string merge in merges) vocabulary[merge.Replace(" ", "", StringComparison.Ordinal)] = vocabulary.Count;
        return Document("BPE", vocabulary, merges, JsonNode.Parse("""{"type":"ByteLevel","add_prefix_space":false,"use_regex":true}"""),
            JsonNode.Parse("""{"type":"ByteLevel"}"""));
    }

    /// <summary>Characters with byte fallback, as Llama 2: ids 0 &lt;unk>, 1 &lt;s>, 2 &lt;/s>, 3 to 258 the bytes, then <paramref name="tokens"/>.</summary>
    public static JsonObject SentencePiece(string[] tokens, string[] merges)
    {
        JsonObject vocabulary = new() { ["<unk>"] = 0, ["<s>"] = 1, ["</s>"] = 2 };
        for (int b = 0; b < 256; b++) vocabulary[ByteFallbackSpelling.Of((byte)b)] = b + 3;
        foreach (string token in tokens) vocabulary[token] = vocabulary.Count;
        JsonObject document = Document("BPE", vocabulary, merges, null, JsonNode.Parse("""
            {"type":"Sequence","decoders":[{"type":"Replace","pattern":{"String":"▁"},"content":" "},{"type":"ByteFallback"},
            {"type":"Fuse"},{"type":"Strip","content":" ","start":1,"stop":0}]}
            """));
        document["normalizer"] = JsonNode.Parse("""
            {"type":"Sequence","normalizers":[{"type":"Prepend","prepend":"▁"},{"type":"Replace","pattern":{"String":" "},"content":"▁"}]}
            """);
        document["model"]!["byte_fallback"] = true;
        document["model"]!["fuse_unk"] = true;
        document["model"]!["unk_token"] = "<unk>";
        AddToken(document, 1, "<s>");
        AddToken(document, 2, "</s>");
        return document;
    }

    public static JsonObject AddToken(JsonObject document, int id, string content, bool special = true, string flags = "{}")
    {
        JsonObject token = (JsonObject)JsonNode.Parse(flags)!;
        (token["id"], token["content"], token["special"]) = (id, content, special);
        token["normalized"] ??= false;
        ((JsonArray)document["added_tokens"]!).Add(token);
        return document;
    }

    public static Tokenizer Load(JsonNode document) => Tokenizer.FromJson(Encoding.UTF8.GetBytes(document.ToJsonString()));

    private static JsonObject Document(string type, JsonObject vocabulary, string[] merges, JsonNode? preTokenizer, JsonNode? decoder) => new()
    {
        ["version"] = "1.0",
        ["added_tokens"] = new JsonArray(),
        ["normalizer"] = null,
        ["pre_tokenizer"] = preTokenizer,
        ["post_processor"] = null,
        ["decoder"] = decoder,
        ["model"] = new JsonObject { ["type"] = type, ["vocab"] = vocabulary, ["merges"] = JsonSerializer.SerializeToNode(merges) },
    };
}
