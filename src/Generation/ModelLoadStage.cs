namespace Inference.Generation;

/// <summary>What a model that is being loaded has come to.</summary>
public enum ModelLoadStage
{
    /// <summary>Reading the configuration.</summary>
    Open,

    /// <summary>Reading vocabulary and chat template.</summary>
    Tokenizer,

    /// <summary>Mapping the weights and allocating the KV cache.</summary>
    Weights,

    /// <summary>Running a first tiny generation.</summary>
    WarmUp,

    /// <summary>Answering requests.</summary>
    Ready,
}
