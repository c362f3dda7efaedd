using Inference.ClientLib;
using Inference.Contracts.FineTuning.V1;
using Spectre.Console;
using Line = Spectre.Console.Text;

namespace Inference.Cli.FineTuning;

/// <summary>Shows a job until it has ended: a line that renews itself on a terminal, lines one after the other elsewhere.</summary>
internal static class JobWatcher
{
    /// <returns>The job at its end.</returns>
    public static async Task<Job> WatchAsync(FineTuningClient client, string id, string tenant, TimeProvider time, CancellationToken cancellation)
    {
        JobProgress progress = new(time);
        IAsyncEnumerable<WatchJobResponse> responses = client.WatchAsync(new WatchJobRequest { Id = id, TenantId = tenant }, cancellationToken: cancellation);
        if (AnsiConsole.Profile.Capabilities.Interactive && !Console.IsOutputRedirected)
        {
            await AnsiConsole.Live(new Line("")).StartAsync(async live =>
            {
                Queue<string> events = [];
                await foreach (WatchJobResponse response in responses)
                {
                    progress.Add(response);
                    foreach (JobEvent e in response.Events)
                    {
                        events.Enqueue(Describe(e));
                    }

                    while (events.Count > Math.Max(1, Console.WindowHeight - 3))
                    {
                        events.Dequeue();
                    }

                    live.UpdateTarget(new Rows([.. events.Select(e => new Line(e)), new Line(progress.Line())]));
                }
            });
        }
        else
        {
            await foreach (WatchJobResponse response in responses)
            {
                progress.Add(response);
                foreach (JobEvent e in response.Events)
                {
                    Console.WriteLine(Describe(e));
                }

                if (response.Metrics.Count > 0)
                {
                    Console.WriteLine(progress.Line());
                }
            }
        }

        return progress.Job ?? await client.GetAsync(id, tenant, cancellationToken: cancellation);
    }

    private static string Describe(JobEvent e) => $"{e.At.ToDateTimeOffset():HH:mm:ss} {e.Kind}  {e.Message}";
}
