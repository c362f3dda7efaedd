using Inference.Models.Layers;

namespace Inference.Models.Architectures;

/// <summary>Names (Hugging Face's) and shapes of the tensors of Whisper.</summary>
internal static class WhisperTensors
{
    /// <summary>All tensors of a configuration; kernels of convolutions are [out, in, 3].</summary>
    public static IEnumerable<TensorShape> Of(WhisperConfig config)
    {
        int width = config.HiddenSize;
        TensorShape[] tensors =
        [
            new("model.encoder.conv1.weight", [width, config.MelCount, ConvolutionColumns.KernelLength]), new("model.encoder.conv1.bias", [width]),
            new("model.encoder.conv2.weight", [width, width, ConvolutionColumns.KernelLength]), new("model.encoder.conv2.bias", [width]),
            new("model.encoder.embed_positions.weight", [config.AudioContext, width]),
            .. Enumerable.Range(0, config.EncoderLayers).SelectMany(i => Layer($"model.encoder.layers.{i}.", width, config.EncoderIntermediateSize, cross: false)),
            .. Norm("model.encoder.layer_norm", width),
            new("model.decoder.embed_tokens.weight", [config.VocabularySize, width]),
            new("model.decoder.embed_positions.weight", [config.TextContext, width]),
            .. Enumerable.Range(0, config.DecoderLayers).SelectMany(i => Layer($"model.decoder.layers.{i}.", width, config.DecoderIntermediateSize, cross: true)),
            .. Norm("model.decoder.layer_norm", width),
        ];
        return tensors;
    }

    /// <summary>Where files of whisper.cpp (OpenAI's names) have a tensor of Hugging Face's name.</summary>
    public static string NameInGgml(string name) => name
        .Replace("model.", "", StringComparison.Ordinal)
        .Replace("encoder.embed_positions.weight", "encoder.positional_embedding", StringComparison.Ordinal)
        .Replace("decoder.embed_positions.weight", "decoder.positional_embedding", StringComparison.Ordinal)
        .Replace("embed_tokens", "token_embedding", StringComparison.Ordinal)
        .Replace(".layers.", ".blocks.", StringComparison.Ordinal)
        .Replace("self_attn_layer_norm", "attn_ln", StringComparison.Ordinal)
        .Replace("encoder_attn_layer_norm", "cross_attn_ln", StringComparison.Ordinal)
        .Replace("final_layer_norm", "mlp_ln", StringComparison.Ordinal)
        .Replace("self_attn.", "attn.", StringComparison.Ordinal)
        .Replace("encoder_attn.", "cross_attn.", StringComparison.Ordinal)
        .Replace("q_proj", "query", StringComparison.Ordinal)
        .Replace("k_proj", "key", StringComparison.Ordinal)
        .Replace("v_proj", "value", StringComparison.Ordinal)
        .Replace("out_proj", "out", StringComparison.Ordinal)
        .Replace("fc1", "mlp.0", StringComparison.Ordinal)
        .Replace("fc2", "mlp.2", StringComparison.Ordinal)
        .Replace("encoder.layer_norm", "encoder.ln_post", StringComparison.Ordinal)
        .Replace("decoder.layer_norm", "decoder.ln", StringComparison.Ordinal);

    private static TensorShape[] Norm(string name, int width) => [new(name + ".weight", [width]), new(name + ".bias", [width])];

    private static TensorShape[] Attention(string name, int width) =>
    [
        .. Norm(name + "_layer_norm", width),
        new(name + ".q_proj.weight", [width, width]), new(name + ".q_proj.bias", [width]), new(name + ".k_proj.weight", [width, width]),
        new(name + ".v_proj.weight", [width, width]), new(name + ".v_proj.bias", [width]),
        new(name + ".out_proj.weight", [width, width]), new(name + ".out_proj.bias", [width]),
    ];

    private static TensorShape[] Layer(string name, int width, int inner, bool cross) =>
    [
        .. Attention(name + "self_attn", width), .. cross ? Attention(name + "encoder_attn", width) : [], .. Norm(name + "final_layer_norm", width),
        new(name + "fc1.weight", [inner, width]), new(name + "fc1.bias", [inner]), new(name + "fc2.weight", [width, inner]), new(name + "fc2.bias", [width]),
    ];
}
