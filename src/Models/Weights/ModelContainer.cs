namespace Inference.Models.Weights;

/// <summary>The form in which a model is on disk.</summary>
public enum ModelContainer
{
    /// <summary>A directory with `config.json` and safetensors files.</summary>
    HuggingFace,

    /// <summary>One GGUF file.</summary>
    Gguf,
}
