using Inference.Jobs;
using Inference.JobWorker.Models;
using Inference.Models;
using Inference.Training.Datasets;
using Inference.Training.FineTuning;

namespace Inference.JobWorker.FineTuning;

/// <summary>
/// Time and memory of a job before it runs. Time follows from the speed of the last job on the same model that succeeded here; before
/// the first, from a guess of what a processor does.
/// </summary>
public sealed class TrainingEstimator(IJobStore store)
{
    /// <summary>The metric that jobs report.</summary>
    private const string SpeedMetric = "tokens_per_second";

    // Forward, recomputed forward, and gradients of activations: 2 each per parameter and token; adapters add little.
    private const double FlopsPerParameter = 6;

    // What the CPU kernels reach, about, with AVX2 and single precision.
    private const double FlopsPerProcessor = 20e9;

    private const int JobsSearched = 50;
    private const int LogitRows = 256;

    /// <summary>Reckons.</summary>
    public async Task<FineTuningEstimate> EstimateAsync(
        BaseModel model, FineTuningHyperparameters parameters, DatasetReport report, CancellationToken cancellation = default)
    {
        double speed = await MeasuredSpeedAsync(model.Name, cancellation)
            ?? FlopsPerProcessor * Environment.ProcessorCount / (FlopsPerParameter * Math.Max(1, model.ParameterCount));
        return Estimate(model, parameters, report, speed);
    }

    /// <summary>Reckons for a speed in tokens a second.</summary>
    internal static FineTuningEstimate Estimate(BaseModel model, FineTuningHyperparameters parameters, DatasetReport report, double speed)
    {
        double share = 1 - (parameters.ValidationShare ?? 0);
        long batch = parameters.BatchSize ?? FineTuningDefaults.BatchSize;
        long stepsOfEpoch = (long)Math.Ceiling(Math.Ceiling(report.Examples * share) / batch);
        long steps = Math.Min(stepsOfEpoch * (parameters.Epochs ?? FineTuningDefaults.Epochs), parameters.MaxSteps ?? long.MaxValue);
        long tokens = stepsOfEpoch == 0 ? 0 : (long)(report.Tokens * share * steps / stepsOfEpoch);
        return new FineTuningEstimate(steps, tokens, tokens / speed, Memory(model, parameters, report), speed);
    }

    /// <summary>Weights, the adapter with gradients and two moments, what a block keeps of each row, and a piece of the logits.</summary>
    private static long Memory(BaseModel model, FineTuningHyperparameters parameters, DatasetReport report)
    {
        ModelConfig config = model.Config;
        long query = (long)config.HeadCount * config.HeadDimension;
        long keyValue = (long)config.KvHeadCount * config.HeadDimension;
        long widths = (2 * (config.HiddenSize + query)) + (2 * (config.HiddenSize + keyValue)) + (3 * (config.HiddenSize + config.IntermediateSize));
        long adapter = (parameters.Rank ?? FineTuningDefaults.Rank) * widths * config.LayerCount;
        long rows = Math.Min(report.LongestExample, parameters.MaxSequenceLength ?? config.ContextLength);
        long kept = rows * config.HiddenSize * config.LayerCount;
        long inBlock = rows * ((8L * config.HiddenSize) + (6 * query) + (8 * keyValue) + (8L * config.IntermediateSize));
        long logits = 2L * LogitRows * config.VocabularySize;
        return model.WeightBytes + (sizeof(float) * ((4 * adapter) + kept + inBlock + logits));
    }

    private async Task<double?> MeasuredSpeedAsync(string model, CancellationToken cancellation)
    {
        JobFilter filter = new() { Kind = FineTuningSpec.JobKind, States = [JobState.Succeeded], Limit = JobsSearched };
        foreach (Job job in (await store.ListAsync(filter, cancellation)).Jobs.Where(j => FineTuningSpec.Parse(j.Payload).BaseModel == model))
        {
            double[] speeds = [.. (await store.ListMetricsAsync(job.Id, 0, cancellation)).Where(m => m.Key == SpeedMetric && m.Value > 0).Select(m => m.Value)];
            if (speeds.Length > 0)
            {
                return speeds.Average();
            }
        }

        return null;
    }
}
