using System.Globalization;
using System.Text.Json;

namespace Inference.Jobs.TestWorker;

/// <summary>
/// What a trainer does, in small: steps that depend on each other, a checkpoint at every second one (written aside, renamed, then
/// recorded), a result file under the epoch's own directory. A test can halt it at each point where a process may die.
/// </summary>
/// <param name="artifacts">Directory of the files.</param>
/// <param name="reached">Told at each point.</param>
public sealed class StepJob(string artifacts, Func<string, Task> reached)
{
    /// <summary>Where it can be halted.</summary>
    public static readonly string[] Points = ["claimed", "mid-step", "mid-checkpoint", "renamed", "before-completion"];

    /// <summary>Kinds of job: "steps"; "short", which writes its result at once; "starve", which blocks the thread pool.</summary>
    public static Dictionary<string, JobHandler> Handlers(StepJob job) =>
        new() { ["steps"] = job.RunAsync, ["short"] = job.RunShortAsync, ["starve"] = job.StarveAsync };

    /// <summary>What the result file of so many steps holds, whoever computed them.</summary>
    public static ulong Expected(int steps) => Enumerable.Range(1, steps).Aggregate(0UL, Step);

    /// <summary>Runs the payload's number of steps: {"steps": 6}.</summary>
    public async Task<string> RunAsync(JobLease lease, CancellationToken stopping)
    {
        int steps = JsonDocument.Parse(lease.Job.Payload).RootElement.GetProperty("steps").GetInt32();
        string directory = Directory.CreateDirectory(Path.Combine(artifacts, $"{lease.Job.Id}", $"{lease.Job.Epoch}")).FullName;
        await reached("claimed");
        (int done, ulong value) = Load(await lease.ListCheckpointsAsync());
        for (int step = done + 1; step <= steps; step++)
        {
            stopping.ThrowIfCancellationRequested();
            value = Step(value, step);
            if (step == 3)
                await reached("mid-step");
            await lease.UpsertMetricsAsync(new JobMetric("value", step, value % 1_000));
            if (step % 2 == 0)
                await SaveAsync(lease, directory, step, value);
        }

        string result = Path.Combine(directory, "result");
        await File.WriteAllTextAsync(result, value.ToString(CultureInfo.InvariantCulture), CancellationToken.None);
        await reached("before-completion");
        return result;
    }

    private static ulong Step(ulong value, int step) => (value ^ (ulong)step) * 0x9E3779B97F4A7C15;

    /// <summary>The newest checkpoint that is whole.</summary>
    private static (int Step, ulong Value) Load(IReadOnlyList<JobCheckpoint> checkpoints)
    {
        foreach (JobCheckpoint checkpoint in checkpoints.Reverse())
        {
            string[] parts = File.ReadAllText(checkpoint.Location).Split(' ');
            if (parts.Length == 2 && ulong.TryParse(parts[0], CultureInfo.InvariantCulture, out ulong value) && parts[1] == Check(value))
                return ((int)checkpoint.Step, value);
        }

        return (0, 0);
    }

    private static string Check(ulong value) => Step(value, -1).ToString(CultureInfo.InvariantCulture);

    private async Task SaveAsync(JobLease lease, string directory, int step, ulong value)
    {
        string aside = Path.Combine(directory, "checkpoint.partial"), final = Path.Combine(directory, $"checkpoint-{step}");
        string text = $"{value} {Check(value)}";
        await File.WriteAllTextAsync(aside, text[..5]);
        if (step == 4)
            await reached("mid-checkpoint");
        await File.WriteAllTextAsync(aside, text);
        File.Move(aside, final, overwrite: true);
        if (step == 4)
            await reached("renamed");
        await lease.RecordCheckpointAsync(step, final);
    }

    private async Task<string> RunShortAsync(JobLease lease, CancellationToken stopping)
    {
        string result = Path.Combine(artifacts, $"{lease.Job.Id}-{lease.Job.Epoch}");
        await File.WriteAllTextAsync(result, lease.Job.Payload, stopping);
        return result;
    }

    /// <summary>Queues far more blocking work than the pool will find threads for.</summary>
    private Task<string> StarveAsync(JobLease lease, CancellationToken stopping)
    {
        using ManualResetEventSlim fed = new();
        Task[] blocked = [.. Enumerable.Range(0, 500).Select(_ => Task.Run(fed.Wait, CancellationToken.None))];
        reached("starved").Wait(stopping);
        fed.Set();
        Task.WaitAll(blocked, stopping);
        return Task.FromResult("fed");
    }
}
