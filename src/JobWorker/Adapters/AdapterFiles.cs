using System.Globalization;
using System.Text.Json;
using Inference.Jobs;
using Inference.JobWorker.Artifacts;
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
    public const string Root = "adapters";

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    /// <summary>The name under which a job's adapter is published.</summary>
    public static string NameOf(Job job, FineTuningSpec spec) =>
        spec.AdapterName ?? string.Create(CultureInfo.InvariantCulture, $"ftjob-{job.Id}");

    /// <summary>Adds metrics and model card to what the trainer wrote, and saves it all. It is not yet published.</summary>
    /// <exception cref="JobFailedException">The adapter's name is none that a file can have.</exception>
    public static async Task<ArtifactReference> SaveAsync(
        ArtifactStore artifacts, Job job, FineTuningSpec spec, TrainerDone done, CancellationToken cancellation)
    {
        string name = NameOf(job, spec), version = string.Create(CultureInfo.InvariantCulture, $"{job.Id}-{job.Epoch}");
        if (AdapterDirectory.Fault(name) is { } fault)
        {
            throw new JobFailedException(FailureKind.UserError, $"adapter_name {fault}");
        }

        await File.WriteAllTextAsync(Path.Combine(done.Directory, "metrics.json"), JsonSerializer.Serialize(done.Values, Json), cancellation);
        await File.WriteAllTextAsync(Path.Combine(done.Directory, "README.md"), ModelCard.Write(job, spec, done.Values), cancellation);
        return await artifacts.SaveAsync($"{Root}/{name}/{version}", done.Directory, cancellation);
    }
}
