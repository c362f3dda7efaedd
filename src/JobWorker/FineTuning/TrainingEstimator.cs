using Inference.Jobs;
using Inference.JobWorker.Models;
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

    /// <summary>Reckons.</summary>
    public async Task<FineTuningEstimate> EstimateAsync(
        BaseModel model, FineTuningSpec spec, DatasetReport report, CancellationToken cancellation = default)
    {
        double? measured = await MeasuredSpeedAsync(model.Name, cancellation);
        double speed = measured ?? FlopsPerProcessor * Environment.ProcessorCount / (FlopsPerParameter * Math.Max(1, model.ParameterCount));
        FineTuningOptions options = FineTuningOptions.From(spec, model.Config, (int)Math.Min(report.Examples, int.MaxValue), report.LongestExample);
        return Estimate(model, options, report, options.ValidationShare > 0 || spec.ValidationData is not null, speed) with { IsMeasured = measured is not null };
    }

    /// <summary>Reckons for a speed in tokens a second.</summary>
    internal static FineTuningEstimate Estimate(BaseModel model, FineTuningOptions options, DatasetReport report, bool isEvaluated, double speed)
    {
        double share = 1 - options.ValidationShare;
        long stepsOfEpoch = (long)Math.Ceiling(Math.Ceiling(report.Examples * share) / options.BatchSize);
        long steps = Math.Min(stepsOfEpoch * options.Epochs, options.MaxSteps ?? long.MaxValue);
        long tokens = stepsOfEpoch == 0 ? 0 : (long)(report.Tokens * share * steps / stepsOfEpoch);
        return new FineTuningEstimate(steps, tokens, tokens / speed, FineTuningMemory.Estimate(model.Config, model.WeightBytes, options, report.Tokens, isEvaluated), speed);
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
