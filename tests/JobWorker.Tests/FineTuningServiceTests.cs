using Inference.ClientLib;
using Inference.Contracts.FineTuning.V1;
using Inference.Interop;
using Inference.Jobs;
using Inference.Rpc;
using Inference.TestSupport;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Job = Inference.Contracts.FineTuning.V1.Job;
using JobEvent = Inference.Contracts.FineTuning.V1.JobEvent;
using JobState = Inference.Contracts.FineTuning.V1.JobState;

namespace Inference.JobWorker.Tests;

/// <summary>FineTuningService through its client, on a running host.</summary>
public class FineTuningServiceTests
{
    [Fact]
    public async Task A_data_set_is_uploaded_validated_and_queued_with_an_estimate()
    {
        await using ApiWorker api = await ApiWorker.StartAsync();
        Dataset data = await api.UploadAsync(ApiWorker.GoodLines);

        DatasetReport report = await api.Jobs.ValidateAsync(new ValidateDatasetRequest { File = data.Id, Model = ApiWorker.Model });
        CreateJobRequest request = new()
        {
            Model = ApiWorker.Model,
            TrainingFile = data.Id,
            Suffix = "sums",
            Seed = 7,
            Hyperparameters = new Hyperparameters { NEpochs = 2, BatchSize = 4, LearningRate = 1e-3f, TargetModules = { "q_proj", "v_proj" } },
            Metadata = { ["class"] = "4b" },
        };
        Job job = await api.Jobs.CreateAsync(request);

        Assert.True(report.Valid);
        Assert.Equal(("chat", 10L), (report.Format, report.Examples));
        Assert.InRange(report.TrainedTokens, 10, report.Tokens - 1);
        Assert.Equal((JobState.Queued, "sums", 7), (job.State, job.Suffix, job.Seed));
        Assert.Equal(request.Hyperparameters, job.Hyperparameters);
        Assert.Equal("4b", job.Metadata["class"]);
        Assert.Equal((6, 2 * report.Tokens), (job.Estimate.Steps, job.TrainedTokens));
        Assert.True(job.Estimate.MemoryBytes > 0 && job.Estimate.Duration.ToTimeSpan() > TimeSpan.Zero);
        Assert.Equal(job, await api.Jobs.GetAsync(job.Id));
    }

    public static TheoryData<string, string> BadData() => new()
    {
        { "", "file has 0 examples; at least 1 is needed" },
        { string.Concat(Enumerable.Repeat("""{"messages":[{"role":"user","content":"a"},{"role":"assistant","content":"b"}]}""" + "\n", 6)) + "{oops}\n", "line 7: is not valid JSON at byte 2" },
        { """{"messages":[{"role":"user","content":"Hi"}]}""", "line 1: messages has no assistant message" },
        { $$$"""{"messages":[{"role":"user","content":"{{{string.Concat(Enumerable.Repeat("blue ", 1500))}}}"},{"role":"assistant","content":"a"}]}""", "line 1: messages[0].content has " },
        { """{"messages":[{"role":"robot","content":"Hi"},{"role":"assistant","content":"a"}]}""", "line 1: messages[0].role 'robot' is unknown" },
    };

    [Theory]
    [MemberData(nameof(BadData))]
    public async Task Bad_data_is_refused_with_line_and_reason_and_nothing_is_queued(string lines, string reason)
    {
        await using ApiWorker api = await ApiWorker.StartAsync();
        Dataset data = await api.UploadAsync(lines);

        InvalidRequestException refusal = await Assert.ThrowsAsync<InvalidRequestException>(
            () => api.Jobs.CreateAsync(new CreateJobRequest { Model = ApiWorker.Model, TrainingFile = data.Id }));

        FieldViolation violation = Assert.Single(refusal.FieldViolations);
        Assert.Equal("training_file", violation.Field);
        Assert.StartsWith(reason, violation.Description);
        Assert.Empty((await api.Worker.Store.ListAsync(new JobFilter())).Jobs);
    }

    [Fact]
    public async Task A_file_of_a_gigabyte_is_refused_at_the_limit_and_nothing_of_it_is_kept()
    {
        await using ApiWorker api = await ApiWorker.StartAsync(("Datasets:MaxBytes", $"{16 << 20}"));
        using ZeroStream gigabyte = new(1L << 30);

        InvalidRequestException refusal = await Assert.ThrowsAsync<InvalidRequestException>(() => api.Jobs.UploadAsync("big.jsonl", gigabyte));

        Assert.Equal("the file has more than 16777216 bytes, which is the limit", Assert.Single(refusal.FieldViolations).Description);
        Assert.InRange(gigabyte.Position, 16 << 20, 64 << 20);
        Assert.Empty(Directory.GetFiles(Path.Combine(api.Worker.Directory, "uploads")));
    }

    [Fact]
    public async Task Wrong_fields_are_all_named()
    {
        await using ApiWorker api = await ApiWorker.StartAsync();

        InvalidRequestException refusal = await Assert.ThrowsAsync<InvalidRequestException>(() => api.SubmitAsync(r =>
        {
            r.Suffix = "../x";
            r.Hyperparameters = new() { NEpochs = 0, Rank = 1000, LearningRate = 0.1f, LearningRateMultiplier = 2, DpoBeta = 0.1f, MaxSequenceLength = 4096 };
        }));
        InvalidRequestException rest = await Assert.ThrowsAsync<InvalidRequestException>(() => api.SubmitAsync(r =>
        {
            r.Suffix = "current";
            r.SubmitKey = "a\0b";
            r.Hyperparameters = new() { TargetModules = { "c_attn" }, EarlyStoppingPatience = 2 };
        }));
        InvalidRequestException pattern = await Assert.ThrowsAsync<InvalidRequestException>(() => api.SubmitAsync(r => r.Hyperparameters = new() { TargetPattern = "(q|v" }));
        InvalidRequestException both = await Assert.ThrowsAsync<InvalidRequestException>(
            () => api.SubmitAsync(r => r.Hyperparameters = new() { TargetPattern = ".*q_proj", TargetModules = { "q_proj" } }));
        InvalidRequestException tenant = await Assert.ThrowsAsync<InvalidRequestException>(() => api.SubmitAsync(r => r.TenantId = new string('t', 201)));
        InvalidRequestException model = await Assert.ThrowsAsync<InvalidRequestException>(() => api.SubmitAsync(r => r.Model = "gpt-5"));
        InvalidRequestException file = await Assert.ThrowsAsync<InvalidRequestException>(() => api.SubmitAsync(r => r.ValidationFile = "file-0"));

        Assert.Equal(
            [
                "hyperparameters.n_epochs", "hyperparameters.rank", "hyperparameters.max_sequence_length", "hyperparameters.learning_rate_multiplier",
                "hyperparameters.dpo_beta", "suffix",
            ],
            refusal.FieldViolations.Select(v => v.Field));
        Assert.Contains(new FieldViolation("hyperparameters.rank", "must be 1 to 256, not 1000"), refusal.FieldViolations);
        Assert.Equal(
            ["hyperparameters.target_modules", "hyperparameters.early_stopping_patience", "suffix", "submit_key"], rest.FieldViolations.Select(v => v.Field));
        Assert.StartsWith("target_modules (c_attn) match no layer of the base: its layers are q_proj, k_proj,", rest.FieldViolations[0].Description);
        Assert.StartsWith("Invalid pattern", Assert.Single(pattern.FieldViolations).Description);
        Assert.Equal(new FieldViolation("hyperparameters.target_pattern", "cannot be given together with target_modules"), Assert.Single(both.FieldViolations));
        Assert.Equal("tenant_id", Assert.Single(tenant.FieldViolations).Field);
        Assert.StartsWith("there is no base model \"gpt-5\"; there are demo", Assert.Single(model.FieldViolations).Description);
        Assert.Equal(new FieldViolation("validation_file", "there is no file \"file-0\""), Assert.Single(file.FieldViolations));
    }

    [Fact]
    public async Task A_watcher_that_comes_again_goes_on_where_it_was_and_misses_nothing()
    {
        await using ApiWorker api = await ApiWorker.StartAsync();
        Job job = await api.SubmitAsync();
        IJobStore store = api.Worker.Store;
        Jobs.Job claimed = (await store.ClaimAsync(new ClaimRequest { Worker = "w", Node = "n", Kinds = ["fine_tuning"] }))!;
        await store.AppendEventsAsync(claimed.Lease, [new NewJobEvent("epoch", "the first epoch")]);
        await store.UpsertMetricsAsync(claimed.Lease, [new("train_loss", 1, 2.5), new("train_loss", 2, 2)]);

        List<JobEvent> events = [];
        List<Metric> metrics = [];
        WatchJobRequest request = new() { Id = job.Id };
        await foreach (WatchJobResponse response in api.Jobs.WatchAsync(request))
        {
            events.AddRange(response.Events);
            metrics.AddRange(response.Metrics);
            if (metrics.Count == 2)
            {
                break;
            }
        }

        request.AfterSequence = events[^1].Sequence;
        request.FromStep = 2;
        Task<List<WatchJobResponse>> rest = CollectAsync(api.Jobs.WatchAsync(request));
        await store.UpsertMetricsAsync(claimed.Lease, [new("valid_loss", 2, 2.2), new("train_loss", 3, 1.5)]);
        await store.RecordCheckpointAsync(claimed.Lease, 3, "somewhere");
        await store.CompleteAsync(claimed.Lease, "the-result");
        events.AddRange((await rest).SelectMany(r => r.Events));
        metrics.AddRange((await rest).SelectMany(r => r.Metrics));

        Assert.Equal(Enumerable.Range(1, events.Count).Select(i => (long)i), events.Select(e => e.Sequence));
        Assert.Equal("job.succeeded", events[^1].Kind);
        Assert.Equal(
            new HashSet<(string, long, double)> { ("train_loss", 1, 2.5), ("train_loss", 2, 2), ("valid_loss", 2, 2.2), ("train_loss", 3, 1.5) },
            [.. metrics.Select(m => (m.Key, m.Step, m.Value))]);
        Job last = (await rest).Last(r => r.Job is not null).Job;
        Assert.Equal((JobState.Succeeded, "the-result", $"demo:{job.Id}"), (last.State, last.Result, last.FineTunedModel));
        Checkpoint checkpoint = Assert.Single(await api.Jobs.ListCheckpointsAsync(job.Id));
        Assert.Equal((3, "somewhere", 1.5), (checkpoint.Step, checkpoint.Location, Assert.Single(checkpoint.Metrics).Value));
        Assert.Equal(4, (await api.Jobs.ListMetricsAsync(job.Id)).Count);
    }

    [Fact]
    public async Task A_watch_ends_when_the_server_stops_and_says_that_it_may_go_on()
    {
        await using ApiWorker api = await ApiWorker.StartAsync();
        Job job = await api.SubmitAsync();
        Task<List<WatchJobResponse>> watch = CollectAsync(api.Jobs.WatchAsync(new WatchJobRequest { Id = job.Id }));
        await Task.Delay(200);

        // As SIGTERM does.
        api.Worker.Services.GetRequiredService<IHostApplicationLifetime>().StopApplication();

        await Assert.ThrowsAsync<ServerUnavailableException>(() => watch);
    }

    [Fact]
    public async Task A_job_is_paused_resumed_cancelled_and_retried()
    {
        await using ApiWorker api = await ApiWorker.StartAsync();
        string id = (await api.SubmitAsync()).Id;

        Assert.Equal(JobState.Paused, (await api.Jobs.PauseAsync(id)).State);
        Assert.Equal(JobState.Queued, (await api.Jobs.ResumeAsync(id)).State);
        Assert.Equal(JobState.Cancelled, (await api.Jobs.CancelAsync(id)).State);
        InferenceException refusal = await Assert.ThrowsAsync<InferenceException>(() => api.Jobs.ResumeAsync(id));
        Assert.Equal(JobState.Queued, (await api.Jobs.RetryAsync(id)).State);

        Assert.Equal(("WRONG_STATE", StatusCode.FailedPrecondition), (refusal.Reason, refusal.StatusCode));
    }

    [Fact]
    public async Task Jobs_are_listed_by_state_in_pages_newest_first()
    {
        await using ApiWorker api = await ApiWorker.StartAsync();
        List<string> ids = [];
        for (int i = 0; i < 5; i++)
        {
            ids.Add((await api.SubmitAsync()).Id);
        }

        await api.Jobs.PauseAsync(ids[2]);

        Assert.Equal(ids.AsEnumerable().Reverse(), (await CollectAsync(api.Jobs.ListAsync(new ListJobsRequest { PageSize = 2 }))).Select(j => j.Id));
        Assert.Equal([ids[2]], (await CollectAsync(api.Jobs.ListAsync(new ListJobsRequest { States = { JobState.Paused } }))).Select(j => j.Id));
        await Assert.ThrowsAsync<InvalidRequestException>(() => CollectAsync(api.Jobs.ListAsync(new ListJobsRequest { PageToken = "x" })));
    }

    [Fact]
    public async Task A_tenant_neither_sees_nor_changes_another_s_jobs_and_files()
    {
        await using ApiWorker api = await ApiWorker.StartAsync();
        Dataset data = await api.UploadAsync(ApiWorker.GoodLines, "anna");
        Job job = await api.Jobs.CreateAsync(new CreateJobRequest { Model = ApiWorker.Model, TrainingFile = data.Id, TenantId = "anna" });

        await Assert.ThrowsAsync<InvalidRequestException>(
            () => api.Jobs.CreateAsync(new CreateJobRequest { Model = ApiWorker.Model, TrainingFile = data.Id, TenantId = "ben" }));
        await Assert.ThrowsAsync<NotFoundException>(() => api.Jobs.GetAsync(job.Id, "ben"));
        await Assert.ThrowsAsync<NotFoundException>(() => api.Jobs.CancelAsync(job.Id, "ben"));
        await Assert.ThrowsAsync<NotFoundException>(() => CollectAsync(api.Jobs.WatchAsync(new WatchJobRequest { Id = job.Id, TenantId = "ben" })));
        Assert.Empty(await CollectAsync(api.Jobs.ListAsync(new ListJobsRequest { TenantId = "ben" })));
        Assert.Equal(JobState.Queued, (await api.Jobs.GetAsync(job.Id, "anna")).State);
    }

    [Fact]
    public async Task A_submit_key_makes_one_job_of_equal_submissions_and_refuses_others()
    {
        await using ApiWorker api = await ApiWorker.StartAsync();
        CreateJobRequest request = new() { Model = ApiWorker.Model, TrainingFile = (await api.UploadAsync(ApiWorker.GoodLines)).Id, SubmitKey = "nightly-1" };
        Job first = await api.Jobs.CreateAsync(request);

        Job again = await api.Jobs.CreateAsync(request);
        request.Seed = 9;
        InferenceException refusal = await Assert.ThrowsAsync<InferenceException>(() => api.Jobs.CreateAsync(request));

        Assert.Equal(first.Id, again.Id);
        Assert.Equal("SUBMIT_KEY_USED", refusal.Reason);
    }

    [Fact]
    public async Task A_file_under_a_root_is_imported_and_none_beside_it()
    {
        using TemporaryDirectory root = new();
        using TemporaryDirectory secret = new();
        Directory.CreateDirectory(root.File("class"));
        await File.WriteAllTextAsync(root.File("class/a.jsonl"), ApiWorker.GoodLines);
        await File.WriteAllTextAsync(secret.File("b.jsonl"), ApiWorker.GoodLines);
        File.CreateSymbolicLink(root.File("link"), secret.Path);
        await using ApiWorker api = await ApiWorker.StartAsync(("Datasets:Roots:0", root.Path));

        Dataset data = await api.Jobs.ImportAsync("class/a.jsonl");

        Assert.Equal(("a.jsonl", ApiWorker.GoodLines.Length), (data.Filename, data.Bytes));
        foreach (string path in (string[])["", "class", "missing", "../" + Path.GetFileName(secret.Path) + "/b.jsonl", secret.File("b.jsonl"), "link/b.jsonl"])
        {
            InvalidRequestException refusal = await Assert.ThrowsAsync<InvalidRequestException>(() => api.Jobs.ImportAsync(path));
            Assert.Equal("path", Assert.Single(refusal.FieldViolations).Field);
        }
    }

    [InteropFact("grpc-js")]
    public async Task A_client_of_another_make_uploads_and_submits()
    {
        await using ApiWorker api = await ApiWorker.StartAsync();
        byte[] bytes = System.Text.Encoding.UTF8.GetBytes(ApiWorker.GoodLines);
        Google.Protobuf.Reflection.ServiceDescriptor service = FinetuningReflection.Descriptor.Services[0];

        InteropResult upload = await InteropClient.CallWithNodeAsync(InteropCall.To(
            api.Worker.Channel.Address, service, "UploadDataset",
            new { filename = "a.jsonl", content = Convert.ToBase64String(bytes, 0, 100) }, new { content = Convert.ToBase64String(bytes, 100, bytes.Length - 100) }));
        string file = upload.Messages[0]["id"]!.GetValue<string>();
        InteropResult job = await InteropClient.CallWithNodeAsync(InteropCall.To(
            api.Worker.Channel.Address, service, "CreateJob", new { model = ApiWorker.Model, training_file = file, hyperparameters = new { n_epochs = 1 } }));

        Assert.Equal((0, 0), (upload.Status, job.Status));
        Assert.Equal("JOB_STATE_QUEUED", job.Messages[0]["state"]!.GetValue<string>());
        Assert.Equal(1, (await api.Jobs.GetAsync(job.Messages[0]["id"]!.GetValue<string>())).Hyperparameters.NEpochs);
    }

    private static async Task<List<T>> CollectAsync<T>(IAsyncEnumerable<T> stream)
    {
        List<T> all = [];
        await foreach (T item in stream)
        {
            all.Add(item);
        }

        return all;
    }

    /// <summary>So many zero bytes.</summary>
    private sealed class ZeroStream(long length) : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => length;

        public override long Position { get; set; }

        public override int Read(byte[] buffer, int offset, int count)
        {
            int read = (int)Math.Min(count, length - Position);
            Position += read;
            return read;
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
