using Inference.Artifacts;
using Inference.Jobs;
using Inference.JobWorker.Trainers;
using Inference.Models.Lora;
using Inference.TestSupport;
using Inference.Training.FineTuning;

namespace Inference.JobWorker.Tests;

/// <summary>The real trainer, as a process, on the bundled model.</summary>
public class DemoModelTests
{
    private const int Steps = 24;

    [Fact]
    public async Task A_job_that_was_paused_and_resumed_gives_the_bytes_of_one_that_was_not()
    {
        await using RunningWorker worker = await RunningWorker.StartAsync(TrainerCommand.Own(), null);
        FineTuningSpec spec = await SpecAsync(worker);

        Job whole = await worker.WaitForEndAsync(await worker.SubmitAsync(spec));
        Job broken = await worker.SubmitAsync(spec with { AdapterName = "broken" });
        await worker.WaitAsync(broken, j => j.Progress >= 2);
        await worker.Store.PauseAsync(broken.Id);
        broken = await worker.WaitAsync(broken, j => j.State == JobState.Paused);
        Assert.InRange(broken.Progress, 2, Steps - 1);
        await worker.Store.ResumeAsync(broken.Id);
        broken = await worker.WaitForEndAsync(broken);

        Assert.True(whole.State == JobState.Succeeded, $"{whole.Failure}");
        Assert.True(broken.State == JobState.Succeeded, $"{broken.Failure}");
        Assert.Equal(2, broken.Attempt);
        Assert.Equal(await AdapterAsync(worker, whole), await AdapterAsync(worker, broken));
        Assert.Equal(await LossesAsync(worker, whole), await LossesAsync(worker, broken));

        double[] losses = [.. (await LossesAsync(worker, whole)).Select(l => l.Value)];
        Assert.Equal(Steps, losses.Length);
        Assert.True(losses[^1] < losses[0] / 2, $"{losses[0]} to {losses[^1]}");
    }

    [Fact]
    public async Task A_data_set_that_is_wrong_is_the_users_fault_and_named_by_line()
    {
        await using RunningWorker worker = await RunningWorker.StartAsync(TrainerCommand.Own(), null);
        FineTuningSpec spec = await SpecAsync(worker) with { TrainingData = await worker.UploadAsync("{\"prompt\": \"a\", \"completion\": \"b\"}\n{\"prompt\": 1}\n") };

        Job job = await worker.WaitForEndAsync(await worker.SubmitAsync(spec));

        Assert.Equal(JobState.Failed, job.State);
        Assert.Equal(FailureKind.UserError, job.Failure!.Kind);
        Assert.Contains("line 2", job.Failure.Message);
    }

    private static async Task<FineTuningSpec> SpecAsync(RunningWorker worker) => new()
    {
        BaseModel = "demo",
        TrainingData = await worker.UploadAsync(string.Concat(Enumerable.Range(0, 16).Select(
            i => $"{{\"prompt\": \"The river number {i} flows into\", \"completion\": \" the sea of Aldor.\"}}\n"))),
        Hyperparameters = new FineTuningHyperparameters { MaxSteps = Steps, CheckpointEvery = 2, Epochs = 50, BatchSize = 4, Rank = 4, MaxSequenceLength = 32 },
    };

    private static async Task<byte[]> AdapterAsync(RunningWorker worker, Job job)
    {
        using TemporaryDirectory files = new();
        await worker.Artifacts.LoadAsync(ArtifactReference.Parse(job.Result!), files.Path);
        Assert.Equal("demo", PeftConfigFile.Read(files.File(PeftConfigFile.Name)).BaseModel);
        return await File.ReadAllBytesAsync(files.File("adapter_model.safetensors"));
    }

    private static async Task<JobMetric[]> LossesAsync(RunningWorker worker, Job job) =>
        [.. (await worker.Store.ListMetricsAsync(job.Id)).Where(m => m.Key == "train_loss")];
}
