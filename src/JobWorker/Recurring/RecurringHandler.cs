using System.Text.Json;
using Inference.Jobs;
using Inference.JobWorker.Datasets;
using Inference.JobWorker.FineTuning;

namespace Inference.JobWorker.Recurring;

/// <summary>Does what a schedule submits: stores the file as it now is, checks it, and queues the fine-tuning job.</summary>
internal sealed class RecurringHandler(DatasetRoots roots, DatasetStore datasets, FineTuningJobs jobs)
{
    /// <summary>The kind of these jobs.</summary>
    public const string JobKind = "recurring_fine_tuning";

    /// <summary>Runs one attempt.</summary>
    /// <returns>The queue's id of the fine-tuning job.</returns>
    public async Task<string> RunAsync(JobLease lease, CancellationToken stopping)
    {
        RecurringJob what = JsonSerializer.Deserialize<RecurringJob>(lease.Job.Payload)!;
        try
        {
            await using DatasetUpload upload = datasets.BeginUpload();
            await using (FileStream file = roots.Open(what.TrainingPath))
            {
                await upload.WriteAsync(file, stopping);
            }

            DatasetFile data = await datasets.SaveAsync(what.Tenant, Path.GetFileName(what.TrainingPath), "fine-tune", upload, stopping);
            FineTuningJob job = await jobs.CreateAsync(
                new NewFineTuningJob
                {
                    Tenant = what.Tenant,
                    Model = what.Model,
                    TrainingFile = data.Id,
                    Method = what.Method,
                    Suffix = what.Adapter,
                    Seed = what.Seed,
                    Priority = what.Priority,
                    Hyperparameters = what.Hyperparameters,
                    SubmitKey = $"recurring:{lease.Job.Id}",
                },
                stopping);
            return JobIds.Format(job.Job.Id);
        }
        catch (SubmitKeyConflictException exception)
        {
            // An attempt before this one queued it, and died before it could say so.
            return JobIds.Format(exception.ExistingId);
        }
        catch (Exception exception) when (exception is InvalidFieldsException or DatasetTooLargeException)
        {
            throw new JobFailedException(FailureKind.UserError, exception.Message, exception);
        }
    }
}
