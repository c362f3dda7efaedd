using System.CommandLine;
using Inference.Contracts.FineTuning.V1;

namespace Inference.Cli.Commands;

/// <summary>Hyperparameters on the command line; what is left out, the trainer chooses. The server checks the ranges.</summary>
internal sealed class HyperparameterOptions
{
    private readonly Option<int?> _epochs = new("--epochs") { Description = "Passes over the data." };
    private readonly Option<int?> _batch = new("--batch-size") { Description = "Examples of a step." };
    private readonly Option<float?> _rate = new("--learning-rate") { Description = "Peak of the learning rate." };
    private readonly Option<float?> _rateMultiplier = new("--learning-rate-multiplier") { Description = "Multiplies the default learning rate." };
    private readonly Option<float?> _warmup = new("--warmup") { Description = "Share of the steps in which the learning rate rises." };
    private readonly Option<float?> _decay = new("--weight-decay") { Description = "Decay of the adapter's weights." };
    private readonly Option<float?> _norm = new("--max-gradient-norm") { Description = "Gradients are clipped to this norm." };
    private readonly Option<int?> _rank = new("--rank") { Description = "Rank of the adapter." };
    private readonly Option<float?> _alpha = new("--alpha") { Description = "Alpha of the adapter." };
    private readonly Option<float?> _dropout = new("--dropout") { Description = "Dropout before the adapter." };
    private readonly Option<string[]> _targets = new("--target") { Description = "Module that gets an adapter (q_proj, all-linear ...); may be repeated." };
    private readonly Option<string?> _pattern = new("--target-pattern") { Description = "Regular expression for whole names of modules that get an adapter." };
    private readonly Option<bool> _dora = new("--dora") { Description = "Learn magnitudes apart from directions." };
    private readonly Option<bool> _rsLora = new("--rslora") { Description = "Scale by the root of the rank." };
    private readonly Option<int?> _steps = new("--max-steps") { Description = "End after so many steps." };
    private readonly Option<int?> _length = new("--max-length") { Description = "Most tokens of an example." };
    private readonly Option<int?> _checkpoint = new("--checkpoint-every") { Description = "Steps between checkpoints." };
    private readonly Option<int?> _evaluate = new("--evaluate-every") { Description = "Steps between evaluations." };
    private readonly Option<float?> _share = new("--validation-share") { Description = "Share of the data that is held out." };
    private readonly Option<int?> _patience = new("--patience") { Description = "Evaluations without a better loss after which training ends." };
    private readonly Option<float?> _beta = new("--beta") { Description = "With --dpo: how far to keep to the base." };

    /// <summary>Adds the options.</summary>
    public void AddTo(Command command)
    {
        foreach (Option option in (Option[])[_epochs, _batch, _rate, _rateMultiplier, _warmup, _decay, _norm, _rank, _alpha, _dropout, _targets, _pattern, _dora, _rsLora, _steps, _length, _checkpoint, _evaluate, _share, _patience, _beta])
        {
            command.Add(option);
        }
    }

    /// <summary>What was given.</summary>
    public Hyperparameters Read(ParseResult result)
    {
        Hyperparameters given = new() { UseDora = result.GetValue(_dora), UseRslora = result.GetValue(_rsLora) };
        given.TargetModules.AddRange(result.GetValue(_targets) ?? []);
        given.TargetPattern = result.GetValue(_pattern) ?? "";
        Set(_epochs, v => given.NEpochs = v);
        Set(_batch, v => given.BatchSize = v);
        Set(_rate, v => given.LearningRate = v);
        Set(_rateMultiplier, v => given.LearningRateMultiplier = v);
        Set(_warmup, v => given.WarmupRatio = v);
        Set(_decay, v => given.WeightDecay = v);
        Set(_norm, v => given.MaxGradientNorm = v);
        Set(_rank, v => given.Rank = v);
        Set(_alpha, v => given.Alpha = v);
        Set(_dropout, v => given.Dropout = v);
        Set(_steps, v => given.MaxSteps = v);
        Set(_length, v => given.MaxSequenceLength = v);
        Set(_checkpoint, v => given.CheckpointEvery = v);
        Set(_evaluate, v => given.EvaluateEvery = v);
        Set(_share, v => given.ValidationShare = v);
        Set(_patience, v => given.EarlyStoppingPatience = v);
        Set(_beta, v => given.DpoBeta = v);
        return given;

        void Set<T>(Option<T?> option, Action<T> set)
            where T : struct
        {
            if (result.GetValue(option) is { } value)
            {
                set(value);
            }
        }
    }
}
