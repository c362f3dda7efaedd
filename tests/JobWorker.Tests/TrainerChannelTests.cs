using System.Diagnostics;
using System.Text.Json;
using Inference.JobWorker.Trainers;
using Inference.TestSupport;
using Inference.Training.FineTuning;

namespace Inference.JobWorker.Tests;

/// <summary>The line between worker and trainer, spoken by hand.</summary>
public sealed class TrainerChannelTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new(inMemory: true);

    [Fact]
    public async Task A_trainer_dies_with_its_worker()
    {
        using Process trainer = await StartAsync();

        trainer.StandardInput.Close();

        await trainer.WaitForExitAsync().WaitAsync(TimeSpan.FromMinutes(1));
    }

    [Fact]
    public async Task A_trainer_that_was_not_told_in_time_that_its_job_is_held_ends_itself()
    {
        using Process trainer = await StartAsync();

        await trainer.StandardInput.WriteLineAsync($"{TrainerChannel.HeldLine}60000");
        await trainer.StandardInput.WriteLineAsync($"{TrainerChannel.HeldLine}100");
        await trainer.StandardInput.FlushAsync();
        string errors = await trainer.StandardError.ReadToEndAsync();

        await trainer.WaitForExitAsync().WaitAsync(TimeSpan.FromMinutes(1));
        Assert.Contains("not been told for long enough", errors);
    }

    [Fact]
    public async Task A_trainer_leaves_signals_to_its_worker()
    {
        using Process trainer = await StartAsync();

        foreach (string signal in new[] { "-TERM", "-INT" })
        {
            using Process kill = Process.Start("kill", [signal, $"{trainer.Id}"]);
            await kill.WaitForExitAsync();
        }

        // It goes on, and stops when its worker says so.
        Assert.Contains("metrics", await trainer.StandardOutput.ReadLineAsync());
        await trainer.StandardInput.WriteLineAsync(TrainerChannel.StopLine);
        await trainer.StandardInput.FlushAsync();
        string rest = await trainer.StandardOutput.ReadToEndAsync();
        Assert.EndsWith("{\"type\":\"stopped\"}\n", rest);
        await trainer.WaitForExitAsync();
        Assert.Equal(0, trainer.ExitCode);
    }

    public void Dispose() => _directory.Dispose();

    private async Task<Process> StartAsync()
    {
        FineTuningSpec spec = new()
        {
            BaseModel = "tiny",
            TrainingData = "",
            Hyperparameters = new FineTuningHyperparameters { MaxSteps = 10_000, CheckpointEvery = 10_000 },
            Metadata = new Dictionary<string, string> { ["step_ms"] = "50" },
        };
        TrainerInput input = new() { JobId = 1, Payload = spec.ToJson(), BaseModel = "", TrainingData = "", Directory = _directory.Path };
        Process trainer = Process.Start(new ProcessStartInfo(RunningWorker.TestTrainer.File, RunningWorker.TestTrainer.Arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        await trainer.StandardInput.WriteLineAsync(JsonSerializer.Serialize(input, TrainerJson.Default.TrainerInput));
        await trainer.StandardInput.FlushAsync();
        Assert.Contains("training.started", await trainer.StandardOutput.ReadLineAsync());
        Assert.Contains("emitted_code", await trainer.StandardOutput.ReadLineAsync());
        Assert.Contains("process", await trainer.StandardOutput.ReadLineAsync());
        return trainer;
    }
}
