using Inference.Contracts.FineTuning.V1;
using Inference.Training.FineTuning;

namespace Inference.JobWorker.Grpc;

/// <summary>Hyperparameters of the wire, where what is unset is absent, and back.</summary>
internal static class HyperparameterMessages
{
    public static FineTuningHyperparameters FromWire(Hyperparameters? wire) => wire is null ? new() : new()
    {
        Epochs = wire.HasNEpochs ? wire.NEpochs : null,
        BatchSize = wire.HasBatchSize ? wire.BatchSize : null,
        LearningRate = wire.HasLearningRate ? wire.LearningRate : null,
        LearningRateMultiplier = wire.HasLearningRateMultiplier ? wire.LearningRateMultiplier : null,
        WarmupRatio = wire.HasWarmupRatio ? wire.WarmupRatio : null,
        Rank = wire.HasRank ? wire.Rank : null,
        Alpha = wire.HasAlpha ? wire.Alpha : null,
        Dropout = wire.HasDropout ? wire.Dropout : null,
        TargetModules = [.. wire.TargetModules],
        TargetPattern = wire.TargetPattern.Length > 0 ? wire.TargetPattern : null,
        UseRsLora = wire.UseRslora,
        UseDora = wire.UseDora,
        WeightDecay = wire.HasWeightDecay ? wire.WeightDecay : null,
        MaxGradientNorm = wire.HasMaxGradientNorm ? wire.MaxGradientNorm : null,
        MaxSequenceLength = wire.HasMaxSequenceLength ? wire.MaxSequenceLength : null,
        MaxSteps = wire.HasMaxSteps ? wire.MaxSteps : null,
        CheckpointEvery = wire.HasCheckpointEvery ? wire.CheckpointEvery : null,
        EvaluateEvery = wire.HasEvaluateEvery ? wire.EvaluateEvery : null,
        ValidationShare = wire.HasValidationShare ? wire.ValidationShare : null,
        EarlyStoppingPatience = wire.HasEarlyStoppingPatience ? wire.EarlyStoppingPatience : null,
        DpoBeta = wire.HasDpoBeta ? wire.DpoBeta : null,
    };

    public static Hyperparameters ToWire(FineTuningHyperparameters p)
    {
        Hyperparameters wire = new() { UseRslora = p.UseRsLora, UseDora = p.UseDora, TargetPattern = p.TargetPattern ?? "" };
        wire.TargetModules.AddRange(p.TargetModules);
        Set(p.Epochs, v => wire.NEpochs = v);
        Set(p.BatchSize, v => wire.BatchSize = v);
        Set(p.LearningRate, v => wire.LearningRate = v);
        Set(p.LearningRateMultiplier, v => wire.LearningRateMultiplier = v);
        Set(p.WarmupRatio, v => wire.WarmupRatio = v);
        Set(p.Rank, v => wire.Rank = v);
        Set(p.Alpha, v => wire.Alpha = v);
        Set(p.Dropout, v => wire.Dropout = v);
        Set(p.WeightDecay, v => wire.WeightDecay = v);
        Set(p.MaxGradientNorm, v => wire.MaxGradientNorm = v);
        Set(p.MaxSequenceLength, v => wire.MaxSequenceLength = v);
        Set(p.MaxSteps, v => wire.MaxSteps = v);
        Set(p.CheckpointEvery, v => wire.CheckpointEvery = v);
        Set(p.EvaluateEvery, v => wire.EvaluateEvery = v);
        Set(p.ValidationShare, v => wire.ValidationShare = v);
        Set(p.EarlyStoppingPatience, v => wire.EarlyStoppingPatience = v);
        Set(p.DpoBeta, v => wire.DpoBeta = v);
        return wire;
    }

    private static void Set<T>(T? value, Action<T> set)
        where T : struct
    {
        if (value is { } given)
        {
            set(given);
        }
    }
}
