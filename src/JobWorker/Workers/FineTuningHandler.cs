using System.Text.Json;
using System.Threading.Channels;
using Amazon.Runtime;
using Inference.Artifacts;
using Inference.Jobs;
using Inference.JobWorker.Adapters;
using Inference.JobWorker.Models;
using Inference.JobWorker.Trainers;
using Inference.Models.Lora;
using Inference.Training.FineTuning;
using Microsoft.Extensions.Options;

namespace Inference.JobWorker.Workers;

/// <summary>
/// Runs a fine-tuning job in a trainer process: hands it model, data and checkpoint, passes on what it reports, saves its checkpoints,
/// and lays its adapter where it can be published.
/// </summary>
internal sealed class FineTuningHandler(
    BaseModels models, ArtifactStore artifacts, AdapterPublisher publisher, TrainerCommand command, IOptions<WorkerOptions> options,
    IOptions<DeviceOptions> device, IOptions<StorageOptions> storage, WorkerMetrics metrics, TimeProvider time)
{
    // Messages that wait for the database; past it the trainer waits.
    private const int Backlog = 1000;

    /// <summary>Runs one attempt.</summary>
    /// <returns>The adapter's reference.</returns>
    public async Task<string> RunAsync(JobLease lease, CancellationToken stopping)
    {
        try
        {
            return await RunSpecAsync(lease, FineTuningSpec.Parse(lease.Job.Payload), stopping);
        }
        catch (JsonException exception)
        {
            throw new JobFailedException(FailureKind.UserError, $"the payload is no fine-tuning job: {exception.Message}", exception);
        }
        catch (Exception exception) when (exception is IOException or HttpRequestException or AmazonServiceException)
        {
            throw new JobFailedException(FailureKind.Infrastructure, exception.Message, exception);
        }
    }

    private async Task<string> RunSpecAsync(JobLease lease, FineTuningSpec spec, CancellationToken stopping)
    {
        string model = models.FindPath(spec.BaseModel)
            ?? throw new JobFailedException(FailureKind.Transient, $"this worker has no base model \"{spec.BaseModel}\"");
        await CheckNameAsync(lease.Job, spec, stopping);
        using WorkDirectory work = new(Path.Combine(storage.Value.FullPath, "work"), lease.Job);
        await LoadDataAsync(spec.TrainingData, work.File("training.jsonl"), stopping);
        if (spec.ValidationData is { } validation)
        {
            await LoadDataAsync(validation, work.File("validation.jsonl"), stopping);
        }

        JobCheckpoints checkpoints = new(lease, artifacts, options.Value.KeepCheckpoints);
        long step = await checkpoints.LoadNewestAsync(work.File("checkpoint"), stopping);
        TrainerInput input = new()
        {
            JobId = lease.Job.Id,
            Payload = lease.Job.Payload,
            BaseModel = model,
            TrainingData = work.File("training.jsonl"),
            ValidationData = spec.ValidationData is null ? null : work.File("validation.jsonl"),
            Checkpoint = step > 0 ? work.File("checkpoint") : null,
            CheckpointStep = step,
            Directory = work.Path,
            MemoryReductions = lease.Job.MemoryReductions,
            Threads = options.Value.ThreadsPerSlot,
            EmittedCode = device.Value.EmittedCode,
            GiveWay = options.Value.GiveWay,
        };
        await using TrainerProcess trainer = await TrainerProcess.StartAsync(command, input);
        using CancellationTokenSource abandon = new();
        Task supervision = new TrainerSupervisor(lease, trainer, options.Value.StopTimeout, time).RunAsync(abandon);
        try
        {
            TrainerMessage? last = await ReportAsync(lease, trainer, checkpoints, abandon.Token);
            await supervision;
            return last switch
            {
                TrainerDone done => (await AdapterFiles.SaveAsync(artifacts, lease.Job, spec, done, abandon.Token)).ToString(),
                TrainerFailed failed => throw new JobFailedException(failed.Kind, failed.Message),
                _ when lease.End != LeaseEnd.None => throw new OperationCanceledException(stopping),
                _ => throw new JobFailedException(
                    trainer.WasKilledByOthers ? FailureKind.OutOfMemory : FailureKind.Transient, await trainer.DescribeDeathAsync()),
            };
        }
        finally
        {
            if (!supervision.IsCompleted)
            {
                trainer.Kill();
                await supervision;
            }
        }
    }

    private async Task CheckNameAsync(Job job, FineTuningSpec spec, CancellationToken cancellation)
    {
        string name = spec.AdapterNameOf(job.Id);
        if (AdapterDirectory.Fault(name) is { } fault)
        {
            throw new JobFailedException(FailureKind.UserError, $"the adapter's name {fault}");
        }

        if (!await publisher.IsFreeAsync(name, job.Tenant, cancellation))
        {
            throw new JobFailedException(FailureKind.UserError, $"the adapter's name \"{name}\" is another tenant's");
        }
    }

    private Task LoadDataAsync(string sha256, string path, CancellationToken cancellation) =>
        artifacts.LoadFileAsync(BlobName.Dataset(sha256), sha256, path, cancellation);

    /// <summary>Passes on what the trainer says, metrics in batches.</summary>
    /// <returns>Its last message, if it is one that ends the run.</returns>
    private async Task<TrainerMessage?> ReportAsync(
        JobLease lease, TrainerProcess trainer, JobCheckpoints checkpoints, CancellationToken cancellation)
    {
        Channel<TrainerMessage> messages = Channel.CreateBounded<TrainerMessage>(Backlog);
        Task reading = PumpAsync(trainer, messages.Writer, cancellation);
        List<JobMetric> batch = [];
        TrainerMessage? last = null;
        while (await messages.Reader.WaitToReadAsync(cancellation))
        {
            while (messages.Reader.TryRead(out TrainerMessage? message))
            {
                if (message is TrainerMetrics numbers)
                {
                    batch.AddRange(numbers.Values.Select(v => new JobMetric(v.Key, numbers.Step, v.Value)));
                    metrics.Stepped();
                    continue;
                }

                await FlushAsync();
                switch (message)
                {
                    case TrainerEvent e:
                        await lease.AppendEventsAsync(new NewJobEvent(e.Kind, e.Message));
                        break;
                    case TrainerCheckpoint checkpoint:
                        await checkpoints.SaveAsync(checkpoint, cancellation);
                        break;
                    default:
                        last = message;
                        break;
                }
            }

            await FlushAsync();
        }

        await reading;
        return last;

        async Task FlushAsync()
        {
            if (batch.Count > 0)
            {
                await lease.UpsertMetricsAsync([.. batch]);
                batch.Clear();
            }
        }
    }

    private static async Task PumpAsync(TrainerProcess trainer, ChannelWriter<TrainerMessage> messages, CancellationToken cancellation)
    {
        try
        {
            await foreach (TrainerMessage message in trainer.ReadAsync(cancellation))
            {
                await messages.WriteAsync(message, cancellation);
            }

            messages.Complete();
        }
        catch (Exception exception)
        {
            messages.Complete(exception);
        }
    }
}
