namespace Inference.Generation;

/// <summary>What a model that is being loaded has come to.</summary>
public enum ModelLoadStage
{
    /// <summary>Reading the configuration.</summary>
    Open,

    /// <summary>Reading vocabulary and chat template; goes on beside the next two.</summary>
    Tokenizer,

    /// <summary>Mapping the weights.</summary>
    Weights,

    /// <summary>Running a first tiny step.</summary>
    WarmUp,

    /// <summary>Answering requests.</summary>
    Ready,
}
