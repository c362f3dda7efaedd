namespace Inference.Generation;

/// <summary>What a model that is being loaded has come to.</summary>
public enum ModelLoadStage
{
    /// <summary>Reading the configuration.</summary>
    Open,

    /// <summary>Reading vocabulary and chat template; goes on beside the next.</summary>
    Tokenizer,

    /// <summary>Mapping the weights.</summary>
    Weights,

    /// <summary>Answering requests.</summary>
    Ready,
}
