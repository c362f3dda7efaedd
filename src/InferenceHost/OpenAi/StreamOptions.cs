namespace Inference.InferenceHost.OpenAi;

/// <summary>How a stream is written.</summary>
internal sealed record StreamOptions
{
    /// <summary>A last event before [DONE] carries the usage and no choices.</summary>
    public bool? IncludeUsage { get; init; }
}
