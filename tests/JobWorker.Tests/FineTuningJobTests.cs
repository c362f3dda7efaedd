using System.Diagnostics;
using System.Globalization;
using Inference.Artifacts;
using Inference.Interop;
using Inference.Jobs;
using Inference.JobWorker.TestTrainer;
using Inference.TestSupport;
using Inference.Training.FineTuning;

namespace Inference.JobWorker.Tests;

/// <summary>A worker with trainers that are processes, and do as they are told.</summary>
public class FineTuningJobTests
{
    [Fact]
    public async Task A_job_is_trained_and_its_adapter_published_with_metrics_card_and_hashes()
    {
        await using RunningWorker worker = await RunningWorker.StartTrainingAsync();
        Job job = await worker.WaitForEndAsync(await worker.SubmitAsync(9, "geography"));

        Assert.Equal(JobState.Succeeded, job.State);
        ArtifactReference adapter = ArtifactReference.Parse(job.Result!);
        Assert.Equal($"adapters/geography/{job.Id}-{job.Epoch}", adapter.Name);
        using TemporaryDirectory files = new();
        await worker.Artifacts.LoadAsync(adapter, files.Path);
        Assert.Equal($"{Chain.Expected(9)}", await File.ReadAllTextAsync(files.File("adapter_model.safetensors")));
        Assert.Contains(FineTuningSpec.Parse(job.Payload).TrainingData, await File.ReadAllTextAsync(files.File("README.md")));
        Assert.Contains("train_loss", await File.ReadAllTextAsync(files.File("metrics.json")));
        await Eventually(() => File.Exists(Path.Combine(worker.Directory, "artifacts/adapters/geography/current")));
        Assert.Equal($"{job.Id}-{job.Epoch}\n", await File.ReadAllTextAsync(Path.Combine(worker.Directory, "artifacts/adapters/geography/current")));

        IReadOnlyList<JobMetric> metrics = await worker.Store.ListMetricsAsync(job.Id);
        Assert.Equal(Enumerable.Range(1, 9).Select(s => new JobMetric("train_loss", s, 1.0 / s)), metrics.Where(m => m.Key == "train_loss"));

        // The newest three of four checkpoints are kept, with their files.
        IReadOnlyList<JobCheckpoint> checkpoints = await worker.Store.ListCheckpointsAsync(job.Id);
        Assert.Equal([4, 6, 8], checkpoints.Select(c => c.Step));
        Assert.Equal(
            checkpoints.Select(c => ArtifactReference.Parse(c.Location).Name),
            Directory.GetDirectories(Path.Combine(worker.Directory, $"artifacts/jobs/{job.Id}/1")).Order().Select(d => $"jobs/{job.Id}/1/{Path.GetFileName(d)}"));
        Assert.Empty(Directory.GetDirectories(Path.Combine(worker.Directory, "work", Environment.MachineName, "cpu-0")));
    }

    [InteropFact("s3rver")]
    public async Task A_job_is_trained_with_its_files_in_a_bucket()
    {
        using TemporaryDirectory bucket = new();
        await using S3Server s3 = await S3Server.StartAsync(bucket.Path);
        await using RunningWorker worker = await RunningWorker.StartTrainingAsync(
            ("Artifacts:S3:Bucket", s3.Options.Bucket), ("Artifacts:S3:Endpoint", s3.Options.Endpoint), ("Artifacts:S3:PathStyle", "true"),
            ("Artifacts:S3:AccessKey", s3.Options.AccessKey), ("Artifacts:S3:SecretKey", s3.Options.SecretKey));
        Job job = await worker.SubmitAsync(20, "geography", ("hold_at", 5));
        await worker.WaitAsync(job, j => j.Progress >= 4);
        await worker.Store.PauseAsync(job.Id);
        await worker.WaitAsync(job, j => j.State == JobState.Paused);
        await worker.Store.ResumeAsync(job.Id);
        job = await worker.WaitForEndAsync(job);

        using TemporaryDirectory files = new();
        await worker.Artifacts.LoadAsync(ArtifactReference.Parse(job.Result!), files.Path);
        Assert.Equal($"{Chain.Expected(20)}", await File.ReadAllTextAsync(files.File("adapter_model.safetensors")));
        using S3BlobStore blobs = new(s3.Options);
        await Eventually(() => blobs.OpenAsync("adapters/geography/current").Result is not null);
    }

    [Fact]
    public async Task A_cancel_ends_a_trainer_that_listens_to_nothing()
    {
        await using RunningWorker worker = await RunningWorker.StartTrainingAsync();
        Job job = await worker.SubmitAsync(10_000, null, ("step_ms", 20), ("deaf", 1));
        using Process trainer = await worker.TrainerAsync(job);

        await worker.Store.CancelAsync(job.Id);
        Job ended = await worker.WaitForEndAsync(job);

        Assert.Equal(JobState.Cancelled, ended.State);
        Assert.True(trainer.HasExited);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_paused_job_goes_on_from_its_checkpoint_even_if_its_trainer_had_to_be_killed(bool isDeaf)
    {
        await using RunningWorker worker = await RunningWorker.StartTrainingAsync(("Worker:StopTimeout", isDeaf ? "00:00:00.200" : "00:00:30"));
        Job job = await worker.SubmitAsync(12, null, ("hold_at", 5), (isDeaf ? "deaf" : "hears", 1));
        using Process trainer = await worker.TrainerAsync(job);
        await worker.WaitAsync(job, j => j.Progress >= 4);

        await worker.Store.PauseAsync(job.Id);
        Job paused = await worker.WaitAsync(job, j => j.State == JobState.Paused);
        Assert.True(trainer.HasExited);
        Assert.Equal(isDeaf ? 4 : 5, paused.Progress);

        await worker.Store.ResumeAsync(job.Id);
        Job ended = await worker.WaitForEndAsync(job);
        await AssertWholeAsync(worker, ended, 12);
        Assert.Equal(0, ended.FruitlessAttempts);
        Assert.Contains(await worker.Store.ListEventsAsync(job.Id), e => e.Message == $"from step {paused.Progress}");
    }

    [Fact]
    public async Task A_host_that_stops_hands_its_job_back_and_another_goes_on()
    {
        using TemporaryDirectory shared = new();
        await using RunningWorker api = await RunningWorker.StartAsync(null, shared.Path);
        Job job;
        await using (RunningWorker first = await RunningWorker.StartAsync(RunningWorker.TestTrainer, shared.Path))
        {
            job = await first.SubmitAsync(16, null, ("hold_at", 7));
            await first.WaitAsync(job, j => j.Progress >= 4);
        }

        Job handedBack = (await api.Store.FindAsync(job.Id))!;
        Assert.Equal(JobState.Queued, handedBack.State);
        Assert.Equal(0, handedBack.FruitlessAttempts);

        await using RunningWorker second = await RunningWorker.StartAsync(RunningWorker.TestTrainer, shared.Path);
        await AssertWholeAsync(second, await second.WaitForEndAsync(job), 16);
    }

    [Fact]
    public async Task A_trainer_that_breaks_three_times_without_progress_makes_its_job_dead_with_its_last_words()
    {
        await using RunningWorker worker = await RunningWorker.StartTrainingAsync();
        Job job = await worker.WaitForEndAsync(await worker.SubmitAsync(4, null, ("crash_at", 1)));

        Assert.Equal(JobState.Dead, job.State);
        Assert.Equal(3, job.Attempt);
        Assert.Contains("exit code 3", job.Failure!.Message);
        Assert.Contains("it breaks here", job.Failure.Message);
    }

    [Fact]
    public async Task A_trainer_that_is_killed_ran_out_of_memory_and_is_tried_again_with_less()
    {
        await using RunningWorker worker = await RunningWorker.StartTrainingAsync();
        Job job = await worker.WaitForEndAsync(await worker.SubmitAsync(6, null, ("memory_at", 5)));

        await AssertWholeAsync(worker, job, 6);
        Assert.Equal(1, job.MemoryReductions);
        Assert.Equal(2, job.Attempt);
    }

    [Fact]
    public async Task A_fault_of_the_user_fails_the_job_at_once()
    {
        await using RunningWorker worker = await RunningWorker.StartTrainingAsync();
        Job job = await worker.WaitForEndAsync(await worker.SubmitAsync(4, null, ("fault_at", 2)));

        Assert.Equal(JobState.Failed, job.State);
        Assert.Equal(1, job.Attempt);
        Assert.Equal(new JobFailure(FailureKind.UserError, "the data are at fault"), job.Failure);
    }

    [Fact]
    public async Task Lines_that_are_no_messages_do_no_harm()
    {
        await using RunningWorker worker = await RunningWorker.StartTrainingAsync();

        await AssertWholeAsync(worker, await worker.WaitForEndAsync(await worker.SubmitAsync(4, null, ("noise_at", 2))), 4);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_trainer_learns_whether_it_may_run_emitted_code(bool emitted)
    {
        await using RunningWorker worker = await RunningWorker.StartTrainingAsync(("Device:EmittedCode", $"{emitted}"));
        Job job = await worker.WaitForEndAsync(await worker.SubmitAsync(2));

        Assert.Equal($"{emitted}", (await worker.Store.ListEventsAsync(job.Id)).Single(e => e.Kind == "emitted_code").Message);
    }

    [Theory]
    [InlineData("state.txt")]
    [InlineData("manifest.json")]
    public async Task A_torn_checkpoint_is_passed_over_for_the_one_before(string torn)
    {
        await using RunningWorker worker = await RunningWorker.StartTrainingAsync();
        Job job = await worker.SubmitAsync(16, null, ("hold_at", 7));
        await worker.WaitAsync(job, j => j.Progress >= 6);
        await worker.Store.PauseAsync(job.Id);
        await worker.WaitAsync(job, j => j.State == JobState.Paused);
        IReadOnlyList<JobCheckpoint> checkpoints = await worker.Store.ListCheckpointsAsync(job.Id);
        string file = Path.Combine(worker.Directory, "artifacts", ArtifactReference.Parse(checkpoints[^1].Location).Name, torn);
        await File.WriteAllTextAsync(file, (await File.ReadAllTextAsync(file))[..^1]);

        await worker.Store.ResumeAsync(job.Id);
        Job ended = await worker.WaitForEndAsync(job);

        await AssertWholeAsync(worker, ended, 16);
        IReadOnlyList<JobEvent> events = await worker.Store.ListEventsAsync(job.Id);
        Assert.Contains(events, e => e.Kind == "checkpoint.skipped" && e.Message.Contains(torn, StringComparison.Ordinal));
        Assert.Contains(events, e => e.Message == $"from step {checkpoints[^2].Step}");
    }

    [Theory]
    [InlineData("other", "no base model \"other\"", JobState.Dead)]
    [InlineData(null, "is missing", JobState.Dead)]
    public async Task A_job_whose_model_or_data_cannot_be_found_ends_with_the_reason(string? model, string reason, JobState state)
    {
        await using RunningWorker worker = await RunningWorker.StartTrainingAsync();
        FineTuningSpec spec = new() { BaseModel = model ?? "tiny", TrainingData = new string('a', 64) };

        Job job = await worker.WaitForEndAsync(await worker.SubmitAsync(spec));

        Assert.Equal(state, job.State);
        Assert.Contains(reason, job.Failure!.Message);
    }

    [Theory]
    [InlineData("..", "dot")]
    [InlineData("a/b", "letters")]
    public async Task An_adapter_name_that_is_no_file_name_is_the_users_fault(string name, string reason)
    {
        await using RunningWorker worker = await RunningWorker.StartTrainingAsync();

        Job job = await worker.WaitForEndAsync(await worker.SubmitAsync(2, name));

        Assert.Equal(JobState.Failed, job.State);
        Assert.Contains(reason, job.Failure!.Message);
    }

    [Fact]
    public async Task What_a_worker_does_is_in_its_metrics()
    {
        await using RunningWorker worker = await RunningWorker.StartTrainingAsync();
        await worker.WaitForEndAsync(await worker.SubmitAsync(4));

        await Eventually(() => worker.Http.GetStringAsync("/metrics").Result.Contains("job_attempts_total{state=\"succeeded\"} 1", StringComparison.Ordinal));
        string metrics = await worker.Http.GetStringAsync("/metrics");
        Assert.Contains("job_training_steps_total 4", metrics);
        Assert.Contains("jobs_running 0", metrics);
    }

    private static async Task AssertWholeAsync(RunningWorker worker, Job job, int steps)
    {
        Assert.True(job.State == JobState.Succeeded, $"{job.State}: {job.Failure}");
        using TemporaryDirectory files = new();
        await worker.Artifacts.LoadAsync(ArtifactReference.Parse(job.Result!), files.Path);
        Assert.Equal(Chain.Expected(steps).ToString(CultureInfo.InvariantCulture), await File.ReadAllTextAsync(files.File("adapter_model.safetensors")));
    }

    /// <summary>What follows the job's end within moments.</summary>
    private static async Task Eventually(Func<bool> condition)
    {
        using CancellationTokenSource limit = new(TimeSpan.FromMinutes(1));
        while (!condition())
        {
            await Task.Delay(20, limit.Token);
        }
    }
}
