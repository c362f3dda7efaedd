using System.Collections.Concurrent;
using System.Data.Common;
using System.Text;
using Inference.Artifacts;
using Inference.Jobs;
using Inference.Models.Lora;
using Inference.Training.FineTuning;
using Microsoft.Extensions.Logging;

namespace Inference.JobWorker.Adapters;

/// <summary>
/// Swaps the pointers of adapters (<see cref="AdapterDirectory"/>). What is published follows from the queue alone: a job that the queue
/// calls succeeded, by a commit that its lease fenced. So any worker may swap a pointer, twice too, and what a worker left undone the
/// others do.
/// </summary>
public sealed class AdapterPublisher(IJobStore store, IBlobStore blobs, TimeProvider time, ILogger<AdapterPublisher> logger)
{
    /// <summary>Name of the file that orders publications, beside the versions.</summary>
    public const string PublishedName = "published.json";

    private const int Recent = 100;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<long, bool> _done = new();

    /// <summary>Whether a tenant may publish under a name: nobody else has before.</summary>
    public async Task<bool> IsFreeAsync(string name, string tenant, CancellationToken cancellation)
    {
        await using Stream? file = await blobs.OpenAsync($"{AdapterFiles.Root}/{name}/{PublishedName}", cancellation);
        return file is null || Publication.Read(file).Tenant == tenant;
    }

    /// <summary>
    /// Points to a succeeded job's adapter, unless a newer one was published. What fails is logged, and done by the next round.
    /// </summary>
    public async Task PublishAsync(Job job, CancellationToken cancellation = default)
    {
        try
        {
            await SwapIfNewerAsync(job, ArtifactReference.Parse(job.Result!), cancellation);
            _done[job.Id] = true;
        }
        catch (Exception exception) when (!cancellation.IsCancellationRequested)
        {
            WorkerLog.PublishingFailed(logger, job.Id, exception);
        }
    }

    /// <summary>
    /// For whoever is about to tell that a job succeeded: its adapter is published first, whether or not its worker got as far.
    /// </summary>
    public Task EnsureAsync(Job job, CancellationToken cancellation = default) =>
        job is { State: JobState.Succeeded, Kind: FineTuningSpec.JobKind } && !_done.ContainsKey(job.Id) ? PublishAsync(job, cancellation) : Task.CompletedTask;

    /// <summary>Publishes, again and again, what a worker that died after its job succeeded could not.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                JobFilter filter = new() { Kind = FineTuningSpec.JobKind, States = [JobState.Succeeded], Limit = Recent };
                foreach (Job job in (await store.ListAsync(filter, stop)).Jobs.Where(j => !_done.ContainsKey(j.Id)))
                {
                    await PublishAsync(job, stop);
                }
            }
            catch (Exception exception) when (exception is DbException || stop.IsCancellationRequested)
            {
                WorkerLog.SearchFailed(logger, exception.Message);
            }

            await Task.WhenAny(Task.Delay(Interval, time, stop));
        }
    }

    private async Task SwapIfNewerAsync(Job job, ArtifactReference adapter, CancellationToken cancellation)
    {
        int slash = adapter.Name.LastIndexOf('/');
        string directory = adapter.Name[..slash];
        Publication publication = new(job.Tenant, job.Id, adapter.Name[(slash + 1)..], adapter.ManifestHash, job.EndedAt!.Value);
        await blobs.UpdateAsync(
            $"{directory}/{PublishedName}",
            async old =>
            {
                if (old is not null && !publication.Replaces(Publication.Read(new MemoryStream(old))))
                {
                    return null;
                }

                // First the pointer: whoever dies in between has it swapped again.
                await SwapAsync($"{directory}/{AdapterDirectory.PointerName}", publication.Version, cancellation);
                return publication.Write();
            },
            cancellation);
    }

    private async Task SwapAsync(string pointer, string version, CancellationToken cancellation)
    {
        await using Stream? old = await blobs.OpenAsync(pointer, cancellation);
        string[] before = old is null ? [] : (await new StreamReader(old).ReadToEndAsync(cancellation)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        IEnumerable<string> history = before.SkipWhile(v => v == version).Prepend(version).Take(AdapterDirectory.MaxHistory);
        await blobs.PutAsync(pointer, new MemoryStream(Encoding.UTF8.GetBytes(string.Concat(history.Select(v => v + "\n")))), cancellation);
    }
}
