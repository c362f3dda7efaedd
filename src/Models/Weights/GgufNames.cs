using System.Globalization;
using Inference.Models.Architectures;

namespace Inference.Models.Weights;

/// <summary>GGUF's names of the tensors that checkpoints of Hugging Face call `model.layers.3.self_attn.q_proj.weight` and so on.</summary>
internal static class GgufNames
{
    /// <summary>The vector [headDimension / 2] that divides the rotary frequencies (Llama 3's scaling).</summary>
    public const string RotaryFactors = "rope_freqs.weight";

    /// <summary>LongRoPE's divisors within the original context.</summary>
    public const string ShortRotaryFactors = "rope_factors_short.weight";

    /// <summary>LongRoPE's divisors beyond the original context.</summary>
    public const string LongRotaryFactors = "rope_factors_long.weight";

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
        ["self_attn.qkv_proj"] = "attn_qkv",
        ["self_attn.q_norm"] = "attn_q_norm",
        ["self_attn.k_norm"] = "attn_k_norm",
        ["self_attn.o_proj"] = "attn_output",
        ["pre_feedforward_layernorm"] = "ffn_norm",
        ["mlp.gate_proj"] = "ffn_gate",
        ["mlp.up_proj"] = "ffn_up",
        ["mlp.gate_up_proj"] = "ffn_up",
        ["mlp.down_proj"] = "ffn_down",
        ["mlp.gate"] = "ffn_gate_inp",
        ["block_sparse_moe.gate"] = "ffn_gate_inp",
        ["post_feedforward_layernorm"] = "post_ffw_norm",
    };

    private static readonly Dictionary<string, string> InExpert = new()
    {
        ["gate_proj"] = "ffn_gate_exps",
        ["w1"] = "ffn_gate_exps",
        ["up_proj"] = "ffn_up_exps",
        ["w3"] = "ffn_up_exps",
        ["down_proj"] = "ffn_down_exps",
        ["w2"] = "ffn_down_exps",
    };

    /// <summary>A tensor is of the decoder itself: of a layer, or the embedding, the last norm, the head.</summary>
    public static bool IsOfDecoder(string name) =>
        name.StartsWith("blk.", StringComparison.Ordinal) || Outer.Values.Any(outer => name.StartsWith($"{outer}.", StringComparison.Ordinal));

    /// <summary>The GGUF name; a name that is not in the tables stays as it is.</summary>
    /// <param name="name">Hugging Face's name.</param>
    /// <param name="norms">Where blocks have their norms: `post_attention_layernorm` stands before the feed-forward layer, or after the attention.</param>
    public static GgufTensorName FromHuggingFace(string name, NormPlacement norms)
    {
        string[] parts = name.Split('.');
        string suffix = parts[^1];
        if (name.StartsWith(LayerPrefix, StringComparison.Ordinal) && parts.Length >= 5)
        {
            string block = $"blk.{parts[2]}";
            if (parts[4] == "experts" && parts.Length == 8 && InExpert.TryGetValue(parts[6], out string? stack))
            {
                return new($"{block}.{stack}.{suffix}", int.Parse(parts[5], CultureInfo.InvariantCulture));
            }

            string inner = string.Join('.', parts[3..^1]);
            string? known = inner == "post_attention_layernorm"
                ? norms == NormPlacement.Before ? "ffn_norm" : "post_attention_norm"
                : InLayer.GetValueOrDefault(inner);
            return new(known is null ? name : $"{block}.{known}.{suffix}");
        }

        return new(Outer.TryGetValue(string.Join('.', parts[..^1]), out string? outer) ? $"{outer}.{suffix}" : name);
    }
}
