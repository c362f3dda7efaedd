namespace Inference.Jobs;

/// <summary>There is no such job.</summary>
public sealed class JobNotFoundException(long id) : Exception($"job {id} does not exist")
{
    /// <summary>The id asked for.</summary>
    public long Id { get; } = id;
}
