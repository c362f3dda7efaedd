using System.Text.Json;

namespace Inference.JobWorker.Adapters;

/// <summary>
/// Content of adapters/NAME/published.json: whose name it is, and the job whose adapter the pointer was last swapped to. Another job of
/// the tenant swaps it only if it succeeded later, so a worker that was stopped cannot swap it back, and a rollback by hand stays.
/// </summary>
/// <param name="Tenant">Who published under the name first; nobody else may.</param>
/// <param name="Job">The job that made the adapter.</param>
/// <param name="Version">Directory beside the pointer.</param>
/// <param name="ManifestSha256">Of the version's manifest.json, which holds the hashes of its files.</param>
/// <param name="At">When the job succeeded, by the queue's clock.</param>
internal sealed record Publication(string Tenant, long Job, string Version, string ManifestSha256, DateTimeOffset At)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    /// <summary>As a file.</summary>
    public byte[] Write() => JsonSerializer.SerializeToUtf8Bytes(this, Json);

    /// <summary>From a file.</summary>
    /// <exception cref="JsonException">It is none.</exception>
    public static Publication Read(Stream file) => JsonSerializer.Deserialize<Publication>(file, Json) ?? throw new JsonException("a publication is null");

    /// <summary>Whether it takes the place of another.</summary>
    public bool Replaces(Publication other) => Tenant == other.Tenant && (At, Job).CompareTo((other.At, other.Job)) > 0;
}
