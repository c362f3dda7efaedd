using System.Diagnostics;
using System.Text.Json;
using Inference.Jobs;
using Inference.JobWorker.Models;
using Inference.Models.Weights;
using Inference.Tensors.Cpu;
using Inference.Training.Data;
using Inference.Training.Datasets;
using Inference.Training.FineTuning;

namespace Inference.JobWorker.Trainers;

/// <summary>The trainer: what the hidden verb "train" runs in a process of its own.</summary>
public static class TrainerProgram
{
    /// <summary>Trains as the worker's first line says.</summary>
    /// <returns>Exit code: 0 when it is done or stopped, 1 when it failed.</returns>
    public static int Run()
    {
        using TrainerChannel channel = new();
        try
        {
            channel.Send(Train(channel));
            return 0;
        }
        catch (OperationCanceledException)
        {
            channel.Send(new TrainerStopped());
            return 0;
        }
        catch (Exception exception)
        {
            Console.Error.WriteLine(exception);
            channel.Send(new TrainerFailed(KindOf(exception), exception.Message));
            return 1;
        }
    }

    private static TrainerDone Train(TrainerChannel channel)
    {
        TrainerInput input = channel.Input;
        if (input.GiveWay)
        {
            // Before the backend's threads start, which inherit it.
            using Process own = Process.GetCurrentProcess();
            own.PriorityClass = ProcessPriorityClass.BelowNormal;
        }

        FineTuningSpec spec = FineTuningSpec.Parse(input.Payload);
        BaseModel model = BaseModel.Read(spec.BaseModel, input.BaseModel);
        int maxTokens = FineTuningOptions.From(spec, model.Config, examples: 0).MaxSequenceLength;
        ExampleTokenizer tokenizer = new(model.Tokenizer, model.ChatTemplate, maxTokens, spec.AsOf);
        FineTuningData data = new(
            Read(input.TrainingData, tokenizer, spec.Method),
            input.ValidationData is { } validation ? Read(validation, tokenizer, spec.Method) : []);
        int longest = data.Training.Concat(data.Validation).SelectMany(item => item).Max(e => e.Tokens.Length);
        FineTuningOptions options = FineTuningOptions.From(spec, model.Config, data.Training.Count, longest);
        if (input.MemoryReductions > 0)
        {
            options = WithLessMemory(options);
        }

        string from = input.Checkpoint is null ? "from the beginning" : $"from step {input.CheckpointStep}";
        channel.Send(new TrainerEvent("training.started", $"{data.Training.Count} examples, {options.Epochs} epochs, {from}"));
        using CpuBackend backend = new(input.Threads, CpuFeatures.Best, input.EmittedCode);
        FineTuningResult result = FineTuner.Run(
            new FineTuningRun
            {
                Model = input.BaseModel,
                Data = data,
                Options = options,
                Directory = input.Directory,
                Checkpoint = input.Checkpoint,
                Stepped = m => channel.Send(new TrainerMetrics(m.Step, m.ToNames(spec.Method))),
                Saved = c => channel.Send(new TrainerCheckpoint(c.Step, c.Directory, c.Metrics.ToNames(spec.Method))),
            },
            backend,
            channel.Stopping);
        Dictionary<string, double> values = new()
        {
            ["train_loss"] = result.TrainingLoss,
            ["step"] = result.Step,
            ["steps"] = result.Steps,
            ["num_tokens"] = result.Tokens,
        };
        if (result.ValidationLoss is { } loss)
        {
            values["valid_loss"] = loss;
        }

        return new TrainerDone(result.Directory, values);
    }

    private static List<IReadOnlyList<TrainingExample>> Read(string path, ExampleTokenizer tokenizer, FineTuningMethod method)
    {
        List<IReadOnlyList<TrainingExample>> examples = [];
        using FileStream file = File.OpenRead(path);
        DatasetReport report = new DatasetReader(tokenizer, method, new DatasetOptions()).Read(file, r => examples.Add(r.Examples));
        return report.IsValid ? examples : throw new ArgumentException($"{Path.GetFileName(path)}: {report.Faults[0]}");
    }

    /// <summary>The same run, to the last bits of its sums: smaller micro-batches, one block's activations at a time.</summary>
    private static FineTuningOptions WithLessMemory(FineTuningOptions options) => options with
    {
        GradientCheckpointing = true,
        MicroBatchRows = Math.Max(options.MicroBatchRows / 2, options.RowsOfLongestItem),
        HeadChunkRows = options.HeadChunkRows / 2,
    };

    /// <summary>What is at fault: the submission, the machine, or who knows.</summary>
    private static FailureKind KindOf(Exception exception) => exception switch
    {
        OutOfMemoryException => FailureKind.OutOfMemory,
        ArgumentException or InvalidDataException or JsonException or ModelFormatException => FailureKind.UserError,
        IOException => FailureKind.Infrastructure,
        _ => FailureKind.Transient,
    };
}
