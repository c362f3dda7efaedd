namespace Inference.JobWorker.FineTuning;

/// <summary>There is none of this id, or it belongs to another tenant.</summary>
public sealed class ResourceNotFoundException(string type, string id) : Exception($"there is no {type} \"{id}\"")
{
    /// <summary>"job" or "file".</summary>
    public string Type { get; } = type;

    /// <summary>The id asked for.</summary>
    public string Id { get; } = id;
}
