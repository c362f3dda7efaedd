using Inference.Jobs;
using Inference.Jobs.Stores;
using Inference.Jobs.TestWorker;

// usage: STORE CONNECTION WORKER LEASE_MS ARTIFACTS [HALT_AT]
// Works until standard input ends. Says "ready", "at POINT" where it halts (a line of input lets it go on), and the runner's log.
if (args is not [var kind, var connection, var worker, var lease, var artifacts, .. var halt])
{
    Console.Error.WriteLine("usage: sqlite|postgres CONNECTION WORKER LEASE_MS ARTIFACTS [HALT_AT]");
    return 2;
}

JobStoreOptions options = new() { MaxFruitlessAttempts = 1_000 };
await using IJobStore store = kind == "postgres"
    ? await PostgresJobStore.OpenAsync(connection, options)
    : await SqliteJobStore.OpenAsync(connection, options);
using CancellationTokenSource stop = new();
InputLines input = new(stop);
StepJob steps = new(artifacts, point => halt.Contains(point) ? input.HaltAsync(point) : Task.CompletedTask);
JobRunnerOptions runner = new()
{
    Worker = worker,
    Node = worker,
    Slots = [0, 1],
    Lease = LeaseOptions.Of(TimeSpan.FromMilliseconds(int.Parse(lease, System.Globalization.CultureInfo.InvariantCulture))),
    PollInterval = TimeSpan.FromMilliseconds(100),
};
Console.WriteLine("ready");
await new JobRunner(store, StepJob.Handlers(steps), runner, TimeProvider.System, new LineLogger()).RunAsync(stop.Token);
return 0;
