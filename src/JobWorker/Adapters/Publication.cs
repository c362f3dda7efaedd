using System.Text.Json;

namespace Inference.JobWorker.Adapters;

/// <summary>
/// Content of adapters/NAME/published.json: the job whose adapter the pointer was last swapped to. Another job swaps it only if it
/// succeeded later, so a worker that was stopped cannot swap it back, and a rollback by hand stays.
/// </summary>
/// <param name="Job">The job that made it.</param>
/// <param name="Version">Directory beside the pointer.</param>
/// <param name="ManifestSha256">Of the version's manifest.json, which holds the hashes of its files.</param>
/// <param name="At">When the job succeeded, by the queue's clock.</param>
internal sealed record Publication(long Job, string Version, string ManifestSha256, DateTimeOffset At)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    /// <summary>As a file.</summary>
    public byte[] Write() => JsonSerializer.SerializeToUtf8Bytes(this, Json);

    /// <summary>Whether it takes the place of what the file says.</summary>
    /// <param name="file">What is there; null if nothing is.</param>
    public bool IsNewerThan(byte[]? file) =>
        file is null || JsonSerializer.Deserialize<Publication>(file, Json) is not { } other || (At, Job).CompareTo((other.At, other.Job)) > 0;
}
