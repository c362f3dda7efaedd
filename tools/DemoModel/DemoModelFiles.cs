using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Inference.Models;
using Inference.Training.Tokenizers;

namespace Inference.DemoModel;

/// <summary>The demo model's shape, and the small files beside its weights in Hugging Face's form.</summary>
internal static class DemoModelFiles
{
    private const string ChatTemplate =
        "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n' }}{% endfor %}"
        + "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}";

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static ModelConfig Config(int vocabularySize) => new()
    {
        Architecture = "llama",
        VocabularySize = vocabularySize,
        ContextLength = 1024,
        HiddenSize = 256,
        IntermediateSize = 704,
        LayerCount = 5,
        HeadCount = 8,
        KvHeadCount = 4,
        HeadDimension = 32,
        TieWordEmbeddings = true,
    };

    public static void Write(string directory, ModelConfig config, BpeVocabulary vocabulary)
    {
        Directory.CreateDirectory(directory);
        int end = vocabulary.SpecialId(DemoTokenizer.End), endOfText = vocabulary.SpecialId(DemoTokenizer.EndOfText);
        WriteText(directory, "tokenizer.json", TokenizerJson.Write(vocabulary));
        WriteJson(directory, "config.json", new JsonObject
        {
            ["architectures"] = new JsonArray("LlamaForCausalLM"),
            ["model_type"] = config.Architecture,
            ["vocab_size"] = config.VocabularySize,
            ["hidden_size"] = config.HiddenSize,
            ["intermediate_size"] = config.IntermediateSize,
            ["num_hidden_layers"] = config.LayerCount,
            ["num_attention_heads"] = config.HeadCount,
            ["num_key_value_heads"] = config.KvHeadCount,
            ["head_dim"] = config.HeadDimension,
            ["hidden_act"] = "silu",
            ["max_position_embeddings"] = config.ContextLength,
            ["rms_norm_eps"] = 1e-5,
            ["rope_theta"] = 10000.0,
            ["tie_word_embeddings"] = config.TieWordEmbeddings,
            ["attention_bias"] = config.AttentionBias,
            ["mlp_bias"] = false,
            ["bos_token_id"] = null,
            ["eos_token_id"] = new JsonArray(end, endOfText),
            ["torch_dtype"] = "bfloat16",
        });
        WriteJson(directory, "tokenizer_config.json", new JsonObject
        {
            ["tokenizer_class"] = "PreTrainedTokenizerFast",
            ["bos_token"] = null,
            ["eos_token"] = DemoTokenizer.End,
            ["pad_token"] = DemoTokenizer.EndOfText,
            ["model_max_length"] = config.ContextLength,
            ["clean_up_tokenization_spaces"] = false,
            ["chat_template"] = ChatTemplate,
        });
        WriteJson(directory, "generation_config.json", new JsonObject
        {
            ["eos_token_id"] = new JsonArray(end, endOfText),
            ["pad_token_id"] = endOfText,
            ["do_sample"] = true,
            ["temperature"] = 0.1,
            ["top_p"] = 0.9,
            ["max_new_tokens"] = 256,
        });
    }

    private static void WriteJson(string directory, string name, JsonObject json) =>
        WriteText(directory, name, json.ToJsonString(Indented) + "\n");

    private static void WriteText(string directory, string name, string text) => File.WriteAllText(Path.Combine(directory, name), text);
}
