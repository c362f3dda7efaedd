using Inference.Jobs;
using Inference.JobWorker.TestTrainer;
using Inference.JobWorker.Trainers;
using Inference.Training.FineTuning;

// With arguments it is a job worker whose trainer is this program.
if (args.Length > 0)
{
    return await Inference.JobWorker.JobWorkerServer.RunAsync(args, trainer: new TrainerCommand("dotnet", [typeof(Chain).Assembly.Location]));
}

// A trainer without a model: steps that depend on each other. The payload's metadata says what shall go wrong, and where.
using TrainerChannel channel = new();
FineTuningSpec spec = FineTuningSpec.Parse(channel.Input.Payload);
int steps = spec.Hyperparameters.MaxSteps ?? 4, checkpointEvery = spec.Hyperparameters.CheckpointEvery ?? 2;
(long first, ulong value) = Chain.Load(channel.Input.Checkpoint);
channel.Send(new TrainerEvent("training.started", $"from step {first}"));
channel.Send(new TrainerEvent("emitted_code", $"{channel.Input.EmittedCode}"));
channel.Send(new TrainerEvent("process", $"{Environment.ProcessId}"));
for (long step = first + 1; step <= steps; step++)
{
    await Task.Delay(Number("step_ms") ?? 0);
    if (Number("hold_at") == step && channel.Input.Checkpoint is null)
    {
        // Until it is told to stop; one that is deaf, until it is killed.
        await Task.Delay(Timeout.Infinite, Number("deaf") is null ? channel.Stopping : CancellationToken.None).ContinueWith(_ => { });
    }

    while (Number("gate_at") == step && !File.Exists(Path.Combine(channel.Input.BaseModel, "gate-is-open")))
    {
        await Task.Delay(20);
    }

    if (Number("crash_at") == step)
    {
        Console.Error.WriteLine("it breaks here");
        Environment.Exit(3);
    }

    if (Number("memory_at") == step && channel.Input.MemoryReductions == 0)
    {
        System.Diagnostics.Process.GetCurrentProcess().Kill();
    }

    if (Number("fault_at") == step)
    {
        channel.Send(new TrainerFailed(FailureKind.UserError, "the data are at fault"));
        return 1;
    }

    if (Number("noise_at") == step)
    {
        Console.WriteLine("a library prints");
        Console.OpenStandardOutput().Write("{\"type\":\"unknown\"} or not\n"u8);
    }

    value = Chain.Step(value, step);
    channel.Send(new TrainerMetrics(step, new Dictionary<string, double> { ["train_loss"] = 1.0 / step, ["learning_rate"] = 0.001 }));
    bool stop = channel.Stopping.IsCancellationRequested && Number("deaf") is null;
    if (stop || step % checkpointEvery == 0)
    {
        string directory = Path.Combine(channel.Input.Directory, $"writing-{step}");
        Chain.Save(directory, step, value);
        channel.Send(new TrainerCheckpoint(step, directory, new Dictionary<string, double> { ["train_loss"] = 1.0 / step }));
    }

    if (stop)
    {
        channel.Send(new TrainerStopped());
        return 0;
    }
}

string result = Directory.CreateDirectory(Path.Combine(channel.Input.Directory, "result")).FullName;
File.WriteAllText(Path.Combine(result, "adapter_config.json"), """{"peft_type":"LORA"}""");
File.WriteAllText(Path.Combine(result, "adapter_model.safetensors"), $"{value}");
channel.Send(new TrainerDone(result, new Dictionary<string, double> { ["train_loss"] = 1.0 / steps }));
return 0;

int? Number(string key) => spec.Metadata.TryGetValue(key, out string? text) ? int.Parse(text) : null;
