namespace Inference.JobWorker.Datasets;

/// <summary>The file goes past the limit; nothing of it was kept.</summary>
public sealed class DatasetTooLargeException(long limit) : Exception($"the file has more than {limit} bytes, which is the limit")
{
    /// <summary>In bytes.</summary>
    public long Limit { get; } = limit;
}
