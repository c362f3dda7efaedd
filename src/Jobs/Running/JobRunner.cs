using System.Data.Common;
using Microsoft.Extensions.Logging;

namespace Inference.Jobs;

/// <summary>A worker's loop: claim a job, run its handler, publish what came of it.</summary>
/// <param name="store">The queue.</param>
/// <param name="handlers">What it can do, by kind of job.</param>
/// <param name="options">Who it is.</param>
/// <param name="time">Monotonic clock and timers.</param>
/// <param name="logger">Tells operators.</param>
/// <param name="ended">Told of each attempt that ended here, with the job as that left it; or null. Not told of jobs that were lost.</param>
public sealed class JobRunner(
    IJobStore store, IReadOnlyDictionary<string, JobHandler> handlers, JobRunnerOptions options, TimeProvider time, ILogger<JobRunner> logger,
    Func<Job, Task>? ended = null)
{
    /// <summary>Runs jobs until it is told to stop, then hands back those that it holds.</summary>
    /// <returns>A task that ends once no handler runs any more.</returns>
    public async Task RunAsync(CancellationToken stop)
    {
        options.Lease.Check();
        IEnumerable<Task> slots = options.Slots.Select(slot => Task.Run(() => RunSlotAsync(slot, stop), CancellationToken.None));
        await Task.WhenAll([.. slots, Task.Run(() => ReclaimAsync(stop), CancellationToken.None)]);
    }

    /// <summary>
    /// Claims take back what has expired, but a worker whose slots are busy makes none: a cancel of a dead worker's job must not wait for
    /// their end.
    /// </summary>
    private async Task ReclaimAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            await Task.WhenAny(Task.Delay(options.Lease.Duration, time, stop));
            try
            {
                await store.ReclaimExpiredAsync(stop);
            }
            catch (Exception e)
            {
                if (!stop.IsCancellationRequested)
                    logger.StoreFailed(e);
            }
        }
    }

    private async Task RunSlotAsync(int slot, CancellationToken stop)
    {
        ClaimRequest request = new()
        {
            Worker = options.Worker,
            Node = options.Node,
            Slot = slot,
            SlotKind = options.SlotKind,
            Kinds = [.. handlers.Keys],
            Lease = options.Lease.Duration,
        };
        while (!stop.IsCancellationRequested)
        {
            try
            {
                Task hint = store.NextWorkHint();
                await store.SubmitDueSchedulesAsync(stop);
                long claimedAt = time.GetTimestamp();
                if (await store.ClaimAsync(request, stop) is { } job)
                    await RunJobAsync(job, claimedAt, stop);
                else
                    await Task.WhenAny(hint, Task.Delay(options.PollInterval, time, stop));
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                // What handlers throw has been dealt with, so it is the store. A slot must outlive its outages.
                logger.StoreFailed(e);
                await Task.WhenAny(Task.Delay(options.PollInterval, time, stop));
            }
        }
    }

    private async Task RunJobAsync(Job job, long claimedAt, CancellationToken stop)
    {
        logger.Claimed(job.Id, job.Kind, job.Attempt, job.Epoch);
        await using JobLease lease = new(store, job, claimedAt, options.Lease, time);
        await using CancellationTokenRegistration _ = stop.Register(lease.Shutdown);
        try
        {
            Job after = await EndAsync(lease);
            logger.Ended(job.Id, after.State.ToText(), after.Failure?.Message ?? "");
            if (ended is not null)
                await ended(after);
        }
        catch (LeaseLostException e)
        {
            logger.Lost(job.Id, job.Epoch, lease.HeartbeatError ?? e);
        }
    }

    /// <summary>Runs the handler and reports how it ended.</summary>
    private async Task<Job> EndAsync(JobLease lease)
    {
        string result;
        try
        {
            result = await handlers[lease.Job.Kind](lease, lease.Stopping);
        }
        catch (OperationCanceledException) when (lease.End != LeaseEnd.None)
        {
            return await lease.ReleaseAsync();
        }
        catch (Exception e) when (e is not LeaseLostException)
        {
            logger.HandlerFailed(lease.Job.Id, e);
            return await lease.FailAsync(FailureOf(e));
        }

        return await lease.CompleteAsync(result);
    }

    private static JobFailure FailureOf(Exception e) => e switch
    {
        JobFailedException failed => new JobFailure(failed.Kind, failed.Message),
        OutOfMemoryException => new JobFailure(FailureKind.OutOfMemory, e.Message),
        DbException => new JobFailure(FailureKind.Infrastructure, e.Message),
        _ => new JobFailure(FailureKind.Transient, e.Message),
    };
}
