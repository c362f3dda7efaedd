using System.Runtime.CompilerServices;
using Inference.Contracts.FineTuning.V1;
using Inference.Jobs;
using Inference.JobWorker.Adapters;
using Inference.JobWorker.FineTuning;
using Inference.Rpc;

namespace Inference.JobWorker.Grpc;

/// <summary>
/// Follows a job from any event and step: reads what is new, waits for a hint or a second, reads again, until the job has ended and
/// all was sent. Nobody hears of a success whose adapter is not published.
/// </summary>
internal sealed class JobWatch(IJobStore store, AdapterPublisher publisher, TimeProvider time)
{
    private const int EventsAtOnce = 500;
    private static readonly TimeSpan PollInterval = TimeSpan.FromSeconds(1);

    /// <summary>What is new, as it comes.</summary>
    /// <param name="job">The job.</param>
    /// <param name="afterSequence">Only later events.</param>
    /// <param name="fromStep">Only metrics of this step and later.</param>
    /// <param name="serverStopping">Ends the stream with UNAVAILABLE: the client goes on elsewhere.</param>
    /// <param name="cancellation">The client left.</param>
    public async IAsyncEnumerable<WatchJobResponse> FollowAsync(
        FineTuningJob job, long afterSequence, long fromStep, CancellationToken serverStopping, [EnumeratorCancellation] CancellationToken cancellation)
    {
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, serverStopping);
        HashSet<JobMetric> sent = [];
        Jobs.Job? told = null;
        while (true)
        {
            Task hint = store.NextJobHint(job.Job.Id);

            // The events first: they are never newer than the job, whose success has to be published before it is told.
            IReadOnlyList<Jobs.JobEvent> events = await store.ListEventsAsync(job.Job.Id, afterSequence, EventsAtOnce, cancellation);
            Jobs.Job now = await store.FindAsync(job.Job.Id, cancellation) ?? throw new JobNotFoundException(job.Job.Id);
            await publisher.EnsureAsync(now, cancellation);
            WatchJobResponse response = new();
            if (told is null || Differs(told, now))
            {
                response.Job = FineTuningMessages.ToJob(FineTuningJob.Of(told = now));
            }

            response.Events.AddRange(events.Select(FineTuningMessages.ToEvent));
            afterSequence = events.Count > 0 ? events[^1].Sequence : afterSequence;
            JobMetric[] metrics = [.. (await store.ListMetricsAsync(now.Id, fromStep, cancellation)).Where(m => !sent.Contains(m))];
            response.Metrics.AddRange(metrics.Select(FineTuningMessages.ToMetric));
            fromStep = metrics.Select(m => m.Step).Append(fromStep).Max();
            sent.RemoveWhere(m => m.Step < fromStep);
            sent.UnionWith(metrics.Where(m => m.Step == fromStep));
            if (response.Job is not null || events.Count > 0 || metrics.Length > 0)
            {
                yield return response;
            }
            else if (now.State.IsTerminal())
            {
                yield break;
            }

            if (events.Count < EventsAtOnce && !now.State.IsTerminal())
            {
                await WaitAsync(hint, either.Token);
                cancellation.ThrowIfCancellationRequested();
                if (serverStopping.IsCancellationRequested)
                {
                    throw new RpcException(StatusCode.Unavailable, "the server stops: go on from the last event");
                }
            }
        }
    }

    private static bool Differs(Jobs.Job before, Jobs.Job now) =>
        (before.State, before.CancelRequested, before.PauseRequested, before.Attempt, before.Progress)
        != (now.State, now.CancelRequested, now.PauseRequested, now.Attempt, now.Progress);

    private async Task WaitAsync(Task hint, CancellationToken cancellation)
    {
        using CancellationTokenSource done = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        await Task.WhenAny(hint, Task.Delay(PollInterval, time, done.Token));
        await done.CancelAsync();
    }
}
