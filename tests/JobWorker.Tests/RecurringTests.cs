using Inference.Jobs;
using Inference.JobWorker.Recurring;
using Inference.JobWorker.Trainers;
using Inference.TestSupport;
using Inference.Training.FineTuning;

namespace Inference.JobWorker.Tests;

public sealed class RecurringTests : IDisposable
{
    private readonly TemporaryDirectory _data = new(inMemory: true);

    [Fact]
    public async Task A_due_schedule_queues_a_job_with_what_its_file_then_holds()
    {
        await File.WriteAllTextAsync(_data.File("facts.jsonl"), "{\"prompt\": \"a\", \"completion\": \"b\"}\n");
        await using RunningWorker worker = await RunningWorker.StartAsync(TrainerCommand.Own(), null, Settings("facts.jsonl"));
        JobSchedule schedule = Assert.Single(await worker.Store.ListSchedulesAsync());

        // The date of the schedule comes once a year; the same is submitted now.
        Job recurring = await worker.WaitForEndAsync(await worker.Store.SubmitAsync(schedule.Submission));

        Assert.True(recurring.State == JobState.Succeeded, $"{recurring.Failure}");
        Job job = (await worker.Store.FindAsync(long.Parse(recurring.Result!["ftjob-".Length..])))!;
        FineTuningSpec spec = FineTuningSpec.Parse(job.Payload);
        Assert.Equal(("demo", "geography", 1), (spec.BaseModel, spec.AdapterName, spec.Hyperparameters.MaxSteps));
        job = await worker.WaitForEndAsync(job);
        Assert.True(job.State == JobState.Succeeded, $"{job.Failure}");
        Assert.StartsWith("adapters/geography/", job.Result);
    }

    [Fact]
    public async Task A_file_that_is_missing_is_the_users_fault_and_nothing_is_queued()
    {
        await using RunningWorker worker = await RunningWorker.StartAsync(RunningWorker.TestTrainer, null, Settings("none.jsonl"));
        JobSchedule schedule = Assert.Single(await worker.Store.ListSchedulesAsync());

        Job recurring = await worker.WaitForEndAsync(await worker.Store.SubmitAsync(schedule.Submission));

        Assert.Equal(JobState.Failed, recurring.State);
        Assert.Contains("none.jsonl", recurring.Failure!.Message);
        Assert.Single((await worker.Store.ListAsync(new JobFilter())).Jobs);
    }

    [Fact]
    public async Task A_schedule_that_stands_alike_keeps_its_next_date_and_an_empty_one_goes()
    {
        using TemporaryDirectory shared = new();
        DateTimeOffset? next;
        await using (RunningWorker first = await RunningWorker.StartAsync(null, shared.Path, Settings("facts.jsonl")))
        {
            next = Assert.Single(await first.Store.ListSchedulesAsync()).NextDue;
        }

        await using (RunningWorker second = await RunningWorker.StartAsync(null, shared.Path, Settings("facts.jsonl")))
        {
            Assert.Equal(next, Assert.Single(await second.Store.ListSchedulesAsync()).NextDue);
        }

        await using RunningWorker last = await RunningWorker.StartAsync(null, shared.Path, [.. Settings("facts.jsonl"), ("Recurring:Jobs:0:Cron", "")]);
        Assert.Empty(await last.Store.ListSchedulesAsync());
    }

    [Fact]
    public void A_schedule_that_cannot_be_read_is_named()
    {
        RecurringOptions options = new() { Jobs = [new RecurringJob { Name = "", Cron = "61 * * * *" }] };

        string message = new RecurringOptionsValidator().Validate(null, options).FailureMessage!;

        Assert.Contains("Recurring:Jobs:0:Name", message);
        Assert.Contains("Recurring:Jobs:0:Cron", message);
    }

    public void Dispose() => _data.Dispose();

    private (string Key, string Value)[] Settings(string path) =>
    [
        ("Datasets:Roots:0", _data.Path), ("Recurring:Jobs:0:Name", "yearly"), ("Recurring:Jobs:0:Cron", "0 3 1 1 *"),
        ("Recurring:Jobs:0:Model", "demo"), ("Recurring:Jobs:0:TrainingPath", path), ("Recurring:Jobs:0:Adapter", "geography"),
        ("Recurring:Jobs:0:Hyperparameters:MaxSteps", "1"),
    ];
}
