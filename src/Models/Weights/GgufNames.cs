namespace Inference.Models.Weights;

/// <summary>GGUF's names of the tensors that checkpoints of Hugging Face call `model.layers.3.self_attn.q_proj.weight` and so on.</summary>
public static class GgufNames
{
    /// <summary>The vector [headDimension / 2] that divides the rotary frequencies (Llama 3's scaling).</summary>
    public const string RotaryFactors = "rope_freqs.weight";

    private const string LayerPrefix = "model.layers.";

    private static readonly Dictionary<string, string> Outer = new()
    {
        ["model.embed_tokens"] = "token_embd",
        ["model.norm"] = "output_norm",
        ["lm_head"] = "output",
    };

    private static readonly Dictionary<string, string> InLayer = new()
    {
        ["input_layernorm"] = "attn_norm",
        ["self_attn.q_proj"] = "attn_q",
        ["self_attn.k_proj"] = "attn_k",
        ["self_attn.v_proj"] = "attn_v",
        ["self_attn.o_proj"] = "attn_output",
        ["post_attention_layernorm"] = "ffn_norm",
        ["mlp.gate_proj"] = "ffn_gate",
        ["mlp.up_proj"] = "ffn_up",
        ["mlp.down_proj"] = "ffn_down",
    };

    /// <summary>The GGUF name; a name that is not in the table stays as it is.</summary>
    public static string FromHuggingFace(string name)
    {
        int suffixAt = name.LastIndexOf('.');
        if (suffixAt < 0)
        {
            return name;
        }

        string stem = name[..suffixAt], suffix = name[suffixAt..];
        if (stem.StartsWith(LayerPrefix, StringComparison.Ordinal) && stem.IndexOf('.', LayerPrefix.Length) is int dot and > 0)
        {
            string layer = stem[LayerPrefix.Length..dot];
            return InLayer.TryGetValue(stem[(dot + 1)..], out string? part) ? $"blk.{layer}.{part}{suffix}" : name;
        }

        return Outer.TryGetValue(stem, out string? outer) ? outer + suffix : name;
    }
}
