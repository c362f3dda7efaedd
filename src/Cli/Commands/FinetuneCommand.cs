using System.CommandLine;
using System.Globalization;
using Inference.Cli.FineTuning;
using Inference.ClientLib;
using Inference.Contracts.FineTuning.V1;
using Spectre.Console;

namespace Inference.Cli.Commands;

/// <summary>`inference finetune`: submits, watches, lists, changes and plots fine-tuning jobs.</summary>
internal static class FinetuneCommand
{
    private static readonly Option<string> Tenant = new("--tenant")
    {
        Description = "Whose jobs and files.",
        DefaultValueFactory = _ => "",
        Recursive = true,
    };

    private static readonly Argument<string> Id = new("job") { Description = "Id of the job, such as ftjob-12." };

    public static Command Create()
    {
        ServerOptions server = new("INFERENCE_JOB_SERVER");
        return new Command("finetune", "Fine-tuning jobs of a job worker.")
        {
            server.Address, server.ApiKey, Tenant, FinetuneSubmitCommand.Create(server, Tenant), Watch(server), List(server), Plot(server),
            Change(server, "cancel", "End a job.", (jobs, id, whose, stop) => jobs.CancelAsync(id, whose, cancellationToken: stop)),
            Change(server, "pause", "Set a job aside; one that runs writes a checkpoint first.", (jobs, id, whose, stop) => jobs.PauseAsync(id, whose, cancellationToken: stop)),
            Change(server, "resume", "Queue a paused job again, from its last checkpoint.", (jobs, id, whose, stop) => jobs.ResumeAsync(id, whose, cancellationToken: stop)),
            Change(server, "retry", "Queue a failed, cancelled or dead job again, from its last checkpoint.", (jobs, id, whose, stop) => jobs.RetryAsync(id, whose, cancellationToken: stop)),
        };
    }

    /// <summary>Tells how a job ended.</summary>
    /// <returns>Exit code: 0 where it succeeded.</returns>
    public static int Conclude(Job job)
    {
        if (job.State == JobState.Succeeded)
        {
            Console.WriteLine($"{job.Id} succeeded: {job.FineTunedModel}");
            return 0;
        }

        Console.Error.WriteLine($"{job.Id} {Name(job.State)}{(job.Failure is { } failure ? $": {failure.Kind}: {failure.Message}" : "")}");
        return 1;
    }

    private static Command Watch(ServerOptions server)
    {
        Command command = new("watch", "Follow a job to its end.") { Id };
        command.SetAction(async (result, cancellation) =>
        {
            int ended = 0;
            int called = await Cli.RunAsync(async () =>
            {
                using InferenceClient client = server.Connect(result);
                ended = Conclude(await JobWatcher.WatchAsync(
                    client.FineTuning, result.GetRequiredValue(Id), result.GetRequiredValue(Tenant), TimeProvider.System, cancellation));
            });
            return called != 0 ? called : ended;
        });
        return command;
    }

    private static Command List(ServerOptions server)
    {
        Option<int> count = new("--count", "-n") { Description = "Most jobs.", DefaultValueFactory = _ => 20 };
        Command command = new("list", "List jobs, newest first.") { count };
        command.SetAction((result, cancellation) => Cli.RunAsync(async () =>
        {
            using InferenceClient client = server.Connect(result);
            int most = result.GetValue(count);
            ListJobsRequest request = new() { TenantId = result.GetRequiredValue(Tenant), PageSize = Math.Clamp(most, 1, 1000) };
            Table table = new();
            foreach (string column in (ReadOnlySpan<string>)["job", "state", "model", "method", "created", "step"])
            {
                table.AddColumn(column, c => c.NoWrap());
            }

            table.AddColumn("result");
            int listed = 0;
            await foreach (Job job in client.FineTuning.ListAsync(request, cancellationToken: cancellation))
            {
                if (listed++ == most)
                {
                    break;
                }

                table.AddRow(
                    job.Id, Name(job.State), Markup.Escape(job.Model), job.Method.ToString().ToLowerInvariant(),
                    job.CreatedAt.ToDateTimeOffset().ToString("MM-dd HH:mm", CultureInfo.InvariantCulture),
                    job.CheckpointStep.ToString(CultureInfo.InvariantCulture), Markup.Escape(job.Failure?.Message ?? job.FineTunedModel));
            }

            AnsiConsole.Write(table);
        }));
        return command;
    }

    private static Command Change(ServerOptions server, string name, string description, Func<FineTuningClient, string, string, CancellationToken, Task<Job>> change)
    {
        Command command = new(name, description) { Id };
        command.SetAction((result, cancellation) => Cli.RunAsync(async () =>
        {
            using InferenceClient client = server.Connect(result);
            Job job = await change(client.FineTuning, result.GetRequiredValue(Id), result.GetRequiredValue(Tenant), cancellation);
            Console.WriteLine($"{job.Id} {(job.CancelRequested || job.PauseRequested ? "stops" : Name(job.State))}");
        }));
        return command;
    }

    private static Command Plot(ServerOptions server)
    {
        Option<string?> output = new("--output", "-o") { Description = "File to write (default: JOB.svg)." };
        Command command = new("plot", "Write a job's loss curves as an SVG.") { Id, output };
        command.SetAction((result, cancellation) => Cli.RunAsync(async () =>
        {
            using InferenceClient client = server.Connect(result);
            string id = result.GetRequiredValue(Id);
            IReadOnlyList<Metric> metrics = await client.FineTuning.ListMetricsAsync(id, result.GetRequiredValue(Tenant), cancellationToken: cancellation);
            string picture = LossCurves.Draw(id, metrics) ?? throw new IOException($"{id} has no losses yet");
            string path = result.GetValue(output) ?? id + ".svg";
            await File.WriteAllTextAsync(path, picture, cancellation);
            Console.WriteLine(path);
        }));
        return command;
    }

    private static string Name(JobState state) => state.ToString().ToLowerInvariant();
}
