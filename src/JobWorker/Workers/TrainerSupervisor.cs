using Inference.Jobs;
using Inference.JobWorker.Trainers;

namespace Inference.JobWorker.Workers;

/// <summary>Keeps a trainer informed that its job is held, and ends it when it is to stop: kindly if there is time, else at once.</summary>
/// <param name="lease">The job.</param>
/// <param name="trainer">What runs it.</param>
/// <param name="stopTimeout">How long the trainer may take to write a checkpoint and stop.</param>
/// <param name="time">Monotonic clock and timers.</param>
internal sealed class TrainerSupervisor(JobLease lease, TrainerProcess trainer, TimeSpan stopTimeout, TimeProvider time)
{
    // Often enough for the shortest leases; a line of ten bytes each.
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);

    /// <summary>Runs until the trainer has ended.</summary>
    /// <param name="abandon">Cancelled when nothing that is still to be written counts.</param>
    public async Task RunAsync(CancellationTokenSource abandon)
    {
        Task exited = trainer.Exited, told = Task.CompletedTask;
        long? askedAt = null;
        while (!exited.IsCompleted)
        {
            LeaseEnd end = lease.End;
            if (end is LeaseEnd.CancelRequested or LeaseEnd.Lost || (askedAt is { } since && time.GetElapsedTime(since) > stopTimeout))
            {
                if (end is LeaseEnd.CancelRequested or LeaseEnd.Lost)
                {
                    await abandon.CancelAsync();
                }

                trainer.Kill();
                await exited;
                return;
            }

            // A trainer that does not read must not hold this up.
            if (told.IsCompleted)
            {
                bool ask = end != LeaseEnd.None && askedAt is null;
                told = ask ? trainer.RequestStopAsync() : trainer.TellHeldAsync(lease.Left);
                askedAt ??= ask ? time.GetTimestamp() : null;
            }

            using CancellationTokenSource waiting = CancellationTokenSource.CreateLinkedTokenSource(
                end == LeaseEnd.None ? lease.Stopping : CancellationToken.None);
            await Task.WhenAny(exited, Task.Delay(Interval, time, waiting.Token));
            await waiting.CancelAsync();
        }
    }
}
