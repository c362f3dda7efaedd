using System.Globalization;
using System.Text.Json;
using Inference.Artifacts;
using Inference.Jobs;
using Inference.JobWorker.Trainers;

namespace Inference.JobWorker.Workers;

/// <summary>A job's checkpoints: files in the artifact store, pointers in the queue.</summary>
/// <param name="lease">The job.</param>
/// <param name="artifacts">Where the files lie.</param>
/// <param name="keep">How many are kept, the newest ones.</param>
internal sealed class JobCheckpoints(JobLease lease, ArtifactStore artifacts, int keep)
{
    /// <summary>Directory of all of a job's files.</summary>
    public static string JobDirectory(long jobId) => string.Create(CultureInfo.InvariantCulture, $"jobs/{jobId}");

    /// <summary>Writes the newest whole checkpoint's files into a directory. One that is torn is told of and passed over.</summary>
    /// <returns>Its step; 0 when there is none.</returns>
    public async Task<long> LoadNewestAsync(string directory, CancellationToken cancellation)
    {
        foreach (JobCheckpoint checkpoint in (await lease.ListCheckpointsAsync()).Reverse())
        {
            try
            {
                await artifacts.LoadAsync(ArtifactReference.Parse(checkpoint.Location), directory, cancellation);
                return checkpoint.Step;
            }
            catch (Exception exception) when (exception is ArtifactException or FormatException)
            {
                await lease.AppendEventsAsync(new NewJobEvent(
                    "checkpoint.skipped", $"checkpoint of step {checkpoint.Step} cannot be used: {exception.Message}"));
            }
        }

        return 0;
    }

    /// <summary>Saves what the trainer wrote, points to it, and removes what is too old.</summary>
    public async Task SaveAsync(TrainerCheckpoint checkpoint, CancellationToken cancellation)
    {
        string name = string.Create(CultureInfo.InvariantCulture, $"{JobDirectory(lease.Id.JobId)}/{lease.Id.Epoch}/checkpoint-{checkpoint.Step}");
        ArtifactReference saved = await artifacts.SaveAsync(name, checkpoint.Directory, cancellation);
        await lease.RecordCheckpointAsync(checkpoint.Step, saved.ToString(), JsonSerializer.Serialize(checkpoint.Values));
        Directory.Delete(checkpoint.Directory, recursive: true);
        foreach (JobCheckpoint old in (await lease.ListCheckpointsAsync()).SkipLast(keep))
        {
            await lease.DeleteCheckpointAsync(old.Step);
            await artifacts.DeleteAsync(ArtifactReference.Parse(old.Location).Name, cancellation);
        }
    }
}
