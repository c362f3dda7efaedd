using Inference.Models.Weights;
using Inference.Tensors;

namespace Inference.Models.Architectures;

/// <summary>
/// Mistral (Jiang et al., 2023): Llama with a sliding window in all layers, where `sliding_window` has one. GGUF files call it llama
/// and, but for those written here, leave the window out.
/// </summary>
internal static class Mistral
{
    public static Architecture Architecture { get; } = new("mistral", Llama.Design)
    {
        GgufName = "llama",
        GgufRotary = RotaryStyle.Interleaved,
        HuggingFaceClass = "MistralForCausalLM",
        HuggingFaceDefaults = new() { ["sliding_window"] = 4096 },
        ReadsGguf = values => values.Integer("llama.attention.sliding_window") is int and not 0,
        ReadHuggingFace = (keys, config) => HuggingFaceLayers.WithSlidingWindow(keys, config),
        WriteHuggingFace = HuggingFaceLayers.Write,
    };
}
