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

    /// <summary>Unigram with the tokens and scores; ids 0 &lt;unk>, 1 &lt;/s>, then <paramref name="tokens"/>.</summary>
    public static JsonObject Unigram(bool byteFallback, params (string Token, double Score)[] tokens)
    {
        JsonArray vocabulary = [new JsonArray("<unk>", 0), new JsonArray("</s>", 0), .. tokens.Select(t => new JsonArray(t.Token, t.Score))];
        JsonObject document = Document("Unigram", vocabulary, [], null, null);
        document["model"]!["unk_id"] = 0;
        document["model"]!["byte_fallback"] = byteFallback;
        return AddToken(document, 1, "</s>");
    }

    /// <summary>BERT, uncased.</summary>
    public static JsonObject WordPiece(params string[] tokens)
    {
        JsonObject vocabulary = [.. tokens.Index().Select(t => new KeyValuePair<string, JsonNode?>(t.Item, t.Index))];
        JsonObject document = Document("WordPiece", vocabulary, [], JsonNode.Parse("""{"type":"BertPreTokenizer"}"""), JsonNode.Parse("""{"type":"WordPiece","prefix":"##","cleanup":true}"""));
        document["normalizer"] = JsonNode.Parse("""{"type":"BertNormalizer","clean_text":true,"handle_chinese_chars":true,"strip_accents":null,"lowercase":true}""");
        document["model"]!["unk_token"] = "[UNK]";
        document["model"]!["continuing_subword_prefix"] = "##";
        (int cls, int sep) = (Array.IndexOf(tokens, "[CLS]"), Array.IndexOf(tokens, "[SEP]"));
        document["post_processor"] = new JsonObject { ["type"] = "BertProcessing", ["sep"] = new JsonArray("[SEP]", sep), ["cls"] = new JsonArray("[CLS]", cls) };
        return AddToken(AddToken(document, cls, "[CLS]"), sep, "[SEP]");
    }

    /// <summary>The same as GGUF metadata, whose tokens begin with U+2581 where they begin a word.</summary>
    public static Dictionary<string, object> WordPieceGguf(params string[] tokens) => new()
    {
        ["tokenizer.ggml.model"] = "bert",
        ["tokenizer.ggml.tokens"] = tokens.Select(t => t.StartsWith("##", StringComparison.Ordinal) ? t[2..] : t.StartsWith('[') && t.EndsWith(']') ? t : "▁" + t).ToArray(),
        ["tokenizer.ggml.token_type"] = tokens.Select(t => t is "[UNK]" ? 2 : t is "[CLS]" or "[SEP]" ? 3 : 1).ToArray(),
        ["tokenizer.ggml.unknown_token_id"] = (uint)Array.IndexOf(tokens, "[UNK]"),
        ["tokenizer.ggml.cls_token_id"] = (uint)Array.IndexOf(tokens, "[CLS]"),
        ["tokenizer.ggml.seperator_token_id"] = (uint)Array.IndexOf(tokens, "[SEP]"),
    };

    public static JsonObject AddToken(JsonObject document, int id, string content, bool special = true, string flags = "{}")
    {
        JsonObject token = (JsonObject)JsonNode.Parse(flags)!;
        (token["id"], token["content"], token["special"]) = (id, content, special);
        token["normalized"] ??= false;
        ((JsonArray)document["added_tokens"]!).Add(token);
        return document;
    }

    public static Tokenizer Load(JsonNode document) => Tokenizer.FromJson(Encoding.UTF8.GetBytes(document.ToJsonString()));

    private static JsonObject Document(string type, JsonNode vocabulary, string[] merges, JsonNode? preTokenizer, JsonNode? decoder) => new()
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
