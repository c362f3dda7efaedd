using System.Globalization;
using System.Text.Json;
using Inference.Artifacts;
using Inference.Jobs;
using Inference.JobWorker.Trainers;
using Inference.Models.Lora;
using Inference.Training.FineTuning;

namespace Inference.JobWorker.Adapters;

/// <summary>
/// An adapter's directory in the artifact store, laid out as hosts serve it (<see cref="AdapterDirectory"/>): adapters/NAME/JOB-EPOCH, a
/// version that no other attempt writes to.
/// </summary>
internal static class AdapterFiles
{
    /// <summary>Directory of all adapters.</summary>
    public const string Root = BlobName.Adapters;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    /// <summary>Adds metrics and model card to what the trainer wrote, and saves it all. It is not yet published.</summary>
    public static async Task<ArtifactReference> SaveAsync(
        ArtifactStore artifacts, Job job, FineTuningSpec spec, TrainerDone done, CancellationToken cancellation)
    {
        string name = string.Create(CultureInfo.InvariantCulture, $"{Root}/{spec.AdapterNameOf(job.Id)}/{job.Id}-{job.Epoch}");
        await File.WriteAllTextAsync(Path.Combine(done.Directory, "metrics.json"), JsonSerializer.Serialize(done.Values, Json), cancellation);
        await File.WriteAllTextAsync(Path.Combine(done.Directory, "README.md"), ModelCard.Write(job, spec, done.Values), cancellation);
        return await artifacts.SaveAsync(name, done.Directory, cancellation);
    }
}
