using System.CommandLine;
using System.Globalization;
using Inference.Cli.FineTuning;
using Inference.ClientLib;
using Inference.Contracts.FineTuning.V1;

namespace Inference.Cli.Commands;

/// <summary>`inference finetune submit`: uploads a data set, checks it, and queues a job.</summary>
internal static class FinetuneSubmitCommand
{
    public static Command Create(ServerOptions server, Option<string> tenant)
    {
        Argument<string> data = new("data") { Description = "File of JSON lines: messages, prompt and completion, or preference pairs." };
        Option<bool> onServer = new("--on-server") { Description = "Files are named by their paths under a data-set root of the server, and not uploaded." };
        Option<string> model = new("--model", "-m") { Description = "Base model.", Required = true };
        Option<string?> validation = new("--validation") { Description = "File to evaluate on." };
        Option<string?> suffix = new("--suffix") { Description = "Name of the adapter." };
        Option<string?> key = new("--submit-key") { Description = "The same key gives the same job." };
        Option<bool> dpo = new("--dpo") { Description = "Learn preferences from pairs." };
        Option<bool> check = new("--check") { Description = "Check the data set and queue nothing." };
        Option<bool> watch = new("--watch", "-w") { Description = "Follow the job to its end." };
        Option<int> priority = new("--priority") { Description = "-1000 to 1000; higher runs sooner." };
        Option<int> seed = new("--seed") { Description = "Seed of initial values and shuffles.", DefaultValueFactory = _ => 1 };
        HyperparameterOptions hyperparameters = new();
        Command command = new("submit", "Upload a data set and queue a job.") { data, onServer, model, validation, suffix, key, dpo, check, watch, priority, seed };
        hyperparameters.AddTo(command);
        command.SetAction(async (result, cancellation) =>
        {
            int ended = 0;
            int called = await Cli.RunAsync(async () =>
            {
                using InferenceClient client = server.Connect(result);
                FineTuningClient jobs = client.FineTuning;
                string whose = result.GetRequiredValue(tenant);
                Method method = result.GetValue(dpo) ? Method.Dpo : Method.Supervised;
                Dataset file = await TakeAsync(result.GetRequiredValue(data));
                DatasetReport report = await jobs.ValidateAsync(
                    new ValidateDatasetRequest
                    {
                        File = file.Id,
                        Model = result.GetRequiredValue(model),
                        Method = method,
                        Hyperparameters = hyperparameters.Read(result),
                        TenantId = whose,
                    },
                    cancellationToken: cancellation);
                Print(report);
                if (!report.Valid || result.GetValue(check))
                {
                    ended = report.Valid ? 0 : 1;
                    return;
                }

                Job job = await jobs.CreateAsync(
                    new CreateJobRequest
                    {
                        Model = result.GetRequiredValue(model),
                        TrainingFile = file.Id,
                        ValidationFile = result.GetValue(validation) is { } path ? (await TakeAsync(path)).Id : "",
                        Method = method,
                        Hyperparameters = hyperparameters.Read(result),
                        Suffix = result.GetValue(suffix) ?? "",
                        Seed = result.GetValue(seed),
                        Priority = result.GetValue(priority),
                        SubmitKey = result.GetValue(key) ?? "",
                        TenantId = whose,
                    },
                    cancellationToken: cancellation);
                Console.WriteLine($"{job.Id} {job.State.ToString().ToLowerInvariant()}");
                if (result.GetValue(watch))
                {
                    ended = FinetuneCommand.Conclude(await JobWatcher.WatchAsync(jobs, job.Id, whose, TimeProvider.System, cancellation));
                }

                Task<Dataset> TakeAsync(string path) => result.GetValue(onServer)
                    ? jobs.ImportAsync(path, whose, cancellationToken: cancellation) : UploadAsync(jobs, path, whose, cancellation);
            });
            return called != 0 ? called : ended;
        });
        return command;
    }

    private static async Task<Dataset> UploadAsync(FineTuningClient jobs, string path, string tenant, CancellationToken cancellation)
    {
        await using FileStream content = File.OpenRead(path);
        return await jobs.UploadAsync(Path.GetFileName(path), content, tenant, cancellationToken: cancellation);
    }

    private static void Print(DatasetReport report)
    {
        foreach (DatasetFault fault in report.Faults)
        {
            Console.Error.WriteLine($"error: {Describe(fault)}");
        }

        foreach (DatasetFault warning in report.Warnings)
        {
            Console.Error.WriteLine($"warning: {Describe(warning)}");
        }

        if (report.WarningCount > report.Warnings.Count)
        {
            Console.Error.WriteLine(FormattableString.Invariant($"warning: {report.WarningCount} warnings in all"));
        }

        if (report.FaultCount > 0)
        {
            Console.Error.WriteLine(FormattableString.Invariant($"{report.FaultCount} {(report.FaultCount == 1 ? "fault" : "faults")}; nothing was queued"));
            return;
        }

        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{report.Examples} examples ({report.Format}), {report.Tokens} tokens, {report.TrainedTokens} of them learned, longest {report.LongestExampleTokens}"));
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{report.Estimate.Steps} steps, about {report.Estimate.Duration.ToTimeSpan():hh\\:mm\\:ss} ({(report.Estimate.Measured ? "as fast as the last job on this model" : "a guess: no job on this model has succeeded yet")}) and {report.Estimate.MemoryBytes / 1e6:0} MB"));
    }

    private static string Describe(DatasetFault fault) =>
        (fault.Line > 0 ? $"line {fault.Line}: " : "") + (fault.Field.Length > 0 ? $"{fault.Field} " : "") + fault.Reason;
}
