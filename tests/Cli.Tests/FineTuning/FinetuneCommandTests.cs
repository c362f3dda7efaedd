using Inference.Jobs;
using Inference.JobWorker;
using Inference.TestSupport;
using Microsoft.Extensions.DependencyInjection;

namespace Inference.Cli.Tests.FineTuning;

/// <summary>`inference finetune` against a real host; the test plays the worker.</summary>
public class FinetuneCommandTests : IAsyncLifetime
{
    private const string Line = """{"messages":[{"role":"user","content":"What is 1 + 1?"},{"role":"assistant","content":"It is 2."}]}""" + "\n";
    private static readonly string Adapter = $"adapters/sums/1-1@{new string('0', 64)}";

    private readonly TemporaryDirectory _directory = new();
    private JobWorkerServer? _server;

    private JobWorkerServer Server => _server ?? throw new InvalidOperationException("not started");

    public async Task InitializeAsync()
    {
        _server = new JobWorkerServer([], new Dictionary<string, string?>
        {
            ["Server:GrpcPort"] = "0",
            ["Server:HttpPort"] = "0",
            ["Storage:Directory"] = _directory.Path,
            ["Models:Roots:0"] = Path.Combine(SharedData.RepositoryRoot, "models"),
            ["Worker:Slots"] = "0",
            ["Datasets:Roots:0"] = Directory.CreateDirectory(_directory.File("data")).FullName,
            ["Logging:LogLevel:Default"] = "Error",
        });
        await _server.StartAsync(CancellationToken.None);
    }

    public async Task DisposeAsync()
    {
        await Server.DisposeAsync();
        _directory.Dispose();
    }

    [Fact]
    public async Task A_job_is_submitted_watched_listed_and_plotted()
    {
        await File.WriteAllTextAsync(_directory.File("train.jsonl"), string.Concat(Enumerable.Repeat(Line, 16)));

        CliProcess submit = await RunAsync("submit", _directory.File("train.jsonl"), "--model", "demo", "--suffix", "sums", "--epochs", "2", "--batch-size", "8", "--rank", "4");
        IJobStore store = Server.Services.GetRequiredService<IJobStore>();
        Job job = (await store.ClaimAsync(new ClaimRequest { Worker = "w", Node = "n", Kinds = ["fine_tuning"] }))!;
        await store.UpsertMetricsAsync(job.Lease, [new("train_loss", 1, 3), new("train_loss", 2, 1.25), new("valid_loss", 2, 1.5)]);
        await store.CompleteAsync(job.Lease, Adapter);
        CliProcess watch = await RunAsync("watch", $"ftjob-{job.Id}");
        CliProcess list = await RunAsync("list");
        CliProcess plot = await RunAsync("plot", $"ftjob-{job.Id}", "-o", _directory.File("loss.svg"));

        Assert.Equal("", submit.Errors);
        Assert.Contains("16 examples (chat)", submit.Output);
        Assert.Contains("4 steps, about ", submit.Output);
        Assert.Contains("(a guess: no job on this model has succeeded yet)", submit.Output);
        Assert.EndsWith($"ftjob-{job.Id} queued\n", submit.Output);
        Assert.Equal(0, watch.ExitCode);
        Assert.Contains("job.succeeded", watch.Output);
        Assert.Contains("step 2/4  loss 1.2500 █▁", watch.Output);
        Assert.EndsWith($"ftjob-{job.Id} succeeded: demo:sums\n", watch.Output);
        Assert.Contains("succeeded", list.Output);
        Assert.Equal(0, plot.ExitCode);
        Assert.Contains("train_loss", await File.ReadAllTextAsync(_directory.File("loss.svg")));
    }

    [TerminalFact]
    public async Task On_a_terminal_a_line_with_bar_time_and_curve_renews_itself_until_the_job_ends()
    {
        await File.WriteAllTextAsync(_directory.File("train.jsonl"), string.Concat(Enumerable.Repeat(Line, 16)));
        await RunAsync("submit", _directory.File("train.jsonl"), "--model", "demo", "--suffix", "sums", "--epochs", "2", "--batch-size", "8");
        IJobStore store = Server.Services.GetRequiredService<IJobStore>();
        Job job = (await store.ClaimAsync(new ClaimRequest { Worker = "w", Node = "n", Kinds = ["fine_tuning"] }))!;
        await store.UpsertMetricsAsync(job.Lease, [new("train_loss", 1, 3)]);

        await using TerminalProcess watch = TerminalProcess.Start("finetune", "watch", $"ftjob-{job.Id}", "--server", Server.GrpcAddress.ToString());
        string first = await watch.ReadUntilAsync("step 1/4", "left");
        await store.UpsertMetricsAsync(job.Lease, [new("train_loss", 2, 1.25)]);
        string second = await watch.ReadUntilAsync("step 2/4", "left");
        await store.CompleteAsync(job.Lease, Adapter);
        string last = await watch.ReadToEndAsync();

        Assert.Contains("job.running", first);
        Assert.Contains("██████░░░░░░░░░░░░░░░░░░ 25 %", first);
        Assert.Contains("\u001b[", second);
        Assert.Contains("50 %", second);
        Assert.Contains("loss 1.2500 █▁", second + last);
        Assert.Contains("job.succeeded", last);
        Assert.EndsWith($"ftjob-{job.Id} succeeded: demo:sums", last.TrimEnd());
        Assert.Equal(0, watch.ExitCode);
    }

    [Fact]
    public async Task Faults_are_told_a_line_each_and_nothing_is_queued()
    {
        await File.WriteAllTextAsync(_directory.File("bad.jsonl"), Line + "{}\n{oops\n");

        CliProcess submit = await RunAsync("submit", _directory.File("bad.jsonl"), "--model", "demo");

        Assert.Equal(1, submit.ExitCode);
        Assert.Contains("error: line 2: has none of messages, completion, chosen and preferred_output\n", submit.Errors);
        Assert.Contains("error: line 3: is not valid JSON at byte 2", submit.Errors);
        Assert.EndsWith("2 faults; nothing was queued\n", submit.Errors);
        Assert.Empty((await Server.Services.GetRequiredService<IJobStore>().ListAsync(new JobFilter())).Jobs);
    }

    [Fact]
    public async Task A_job_on_a_file_of_the_server_is_paused_resumed_cancelled_and_retried()
    {
        await File.WriteAllTextAsync(_directory.File("data/train.jsonl"), Line);

        CliProcess submit = await RunAsync("submit", "train.jsonl", "--on-server", "--model", "demo", "--target-pattern", @".*\.(q|v)_proj", "--warmup", "0.1");
        CliProcess[] changes = [await RunAsync("pause", "ftjob-1"), await RunAsync("resume", "ftjob-1"), await RunAsync("cancel", "ftjob-1"), await RunAsync("retry", "ftjob-1")];
        CliProcess refused = await RunAsync("retry", "ftjob-2");
        CliProcess outside = await RunAsync("submit", "../train.jsonl", "--on-server", "--model", "demo");
        CliProcess none = await RunAsync("submit", "train.jsonl", "--on-server", "--model", "demo", "--target", "c_attn", "--patience", "2");

        Assert.Equal((0, ""), (submit.ExitCode, submit.Errors));
        Assert.Equal(["ftjob-1 paused\n", "ftjob-1 queued\n", "ftjob-1 cancelled\n", "ftjob-1 queued\n"], changes.Select(c => c.Output));
        Assert.Equal((1, "error: there is no job \"ftjob-2\"\n"), (refused.ExitCode, refused.Errors));
        Assert.Equal((1, "error: path: \"../train.jsonl\" leads out of the data-set roots\n"), (outside.ExitCode, outside.Errors));
        Assert.Equal(1, none.ExitCode);
        Assert.Contains("error: hyperparameters.target_modules: target_modules (c_attn) match no layer of the base: its layers are q_proj, ", none.Errors);
        Assert.Single((await Server.Services.GetRequiredService<IJobStore>().ListAsync(new JobFilter())).Jobs);
    }

    [Fact]
    public async Task A_cancelled_job_ends_the_watch_with_a_failure()
    {
        await File.WriteAllTextAsync(_directory.File("train.jsonl"), Line);
        await RunAsync("submit", _directory.File("train.jsonl"), "--model", "demo");

        CliProcess cancel = await RunAsync("cancel", "ftjob-1");
        CliProcess watch = await RunAsync("watch", "ftjob-1");
        CliProcess unknown = await RunAsync("watch", "ftjob-9");

        Assert.Equal("ftjob-1 cancelled\n", cancel.Output);
        Assert.Equal((1, "ftjob-1 cancelled\n"), (watch.ExitCode, watch.Errors));
        Assert.Equal((1, "error: there is no job \"ftjob-9\"\n"), (unknown.ExitCode, unknown.Errors));
    }

    private Task<CliProcess> RunAsync(params string[] arguments) =>
        CliProcess.RunAsync("", ["finetune", .. arguments, "--server", Server.GrpcAddress.ToString()]);
}
