using Inference.Models;
using Inference.Models.Lora;
using Inference.Training.Optimisation;

namespace Inference.Training.FineTuning;

/// <summary>How a fine-tuning run goes, nothing left open. Same options, data and base: same bits, whatever the number of threads.</summary>
public sealed record FineTuningOptions
{
    /// <summary>Most rows of a micro-batch, which holds the longest example, or both answers of a pair.</summary>
    public const int MaxRows = short.MaxValue;

    /// <summary>What is learned.</summary>
    public FineTuningMethod Method { get; init; }

    /// <summary>The adapter.</summary>
    public LoraConfig Lora { get; init; } = new() { Rank = 16, Alpha = 32, TargetModules = Models.Lora.TargetModules.AllLinear };

    /// <summary>Passes over the data. 1 to 50.</summary>
    public int Epochs { get; init; } = 3;

    /// <summary>Examples, or pairs, of a step. 1 to 256.</summary>
    public int BatchSize { get; init; } = 8;

    /// <summary>Peak of the learning rate; the cosine ends at a tenth of it. Above 0, at most 1.</summary>
    public float LearningRate { get; init; } = 2e-4f;

    /// <summary>Share of the steps in which the learning rate rises. 0 to 1.</summary>
    public float WarmupRatio { get; init; } = 0.05f;

    /// <summary>The optimiser's constants.</summary>
    public AdamWOptions AdamW { get; init; } = new() { WeightDecay = 0, Beta2 = 0.999f };

    /// <summary>End after so many steps, or null.</summary>
    public int? MaxSteps { get; init; }

    /// <summary>Most tokens of an example. 2 to the base's context.</summary>
    public int MaxSequenceLength { get; init; } = 1024;

    /// <summary>
    /// Most rows that are run at once, at least the longest example's; a step with more is run in several micro-batches, whose gradients
    /// are added. It decides the memory that is needed, and the last bits of the sums.
    /// </summary>
    public int MicroBatchRows { get; init; } = 1024;

    /// <summary>Most rows of logits at a time.</summary>
    public int HeadChunkRows { get; init; } = 256;

    /// <summary>Activations of one block at a time are kept and made again in the backward pass: less memory, a third more time, the same bits.</summary>
    public bool GradientCheckpointing { get; init; }

    /// <summary>Steps between checkpoints. At least 1.</summary>
    public int CheckpointEvery { get; init; } = 100;

    /// <summary>Checkpoints that stay in the directory, where nobody takes them away. At least 1.</summary>
    public int KeepCheckpoints { get; init; } = 2;

    /// <summary>Steps between evaluations, where there is validation data; the last step is evaluated too. At least 1.</summary>
    public int EvaluateEvery { get; init; } = 50;

    /// <summary>Share of the training data that is held out where there is no validation data. 0 to 0.5.</summary>
    public float ValidationShare { get; init; }

    /// <summary>Evaluations in a row without a better loss after which training ends; null: never.</summary>
    public int? EarlyStoppingPatience { get; init; }

    /// <summary>DPO's beta. Above 0, at most 10.</summary>
    public float DpoBeta { get; init; } = 0.1f;

    /// <summary>Seed of initial values, shuffles and dropout.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>The options of a job. What it leaves open follows from the base's size and the data's.</summary>
    /// <param name="spec">The job.</param>
    /// <param name="config">The base.</param>
    /// <param name="examples">Examples of the training data.</param>
    /// <param name="longestExample">Tokens of the longest example, which bounds the memory that is set aside; null where it is not known yet.</param>
    /// <exception cref="ArgumentException">The target modules cannot be read: an empty name, a pattern that is no regular expression.</exception>
    public static FineTuningOptions From(FineTuningSpec spec, ModelConfig config, int examples, int? longestExample = null)
    {
        FineTuningHyperparameters h = spec.Hyperparameters;
        FineTuningOptions defaults = new();
        int rank = h.Rank ?? defaults.Lora.Rank;
        FineTuningOptions options = new()
        {
            Method = spec.Method,
            Lora = new LoraConfig
            {
                Rank = rank,
                Alpha = h.Alpha ?? 2 * rank,
                Dropout = h.Dropout ?? 0,
                UseRsLora = h.UseRsLora,
                UseDora = h.UseDora,
                TargetModules = Targets(h),
                BaseModel = spec.BaseModel,
            },
            Epochs = h.Epochs ?? defaults.Epochs,
            BatchSize = h.BatchSize ?? Math.Clamp(examples / 64, 1, 16),
            LearningRate = h.LearningRate ?? (DefaultLearningRate(spec.Method, config) * (h.LearningRateMultiplier ?? 1)),
            WarmupRatio = h.WarmupRatio ?? defaults.WarmupRatio,
            AdamW = defaults.AdamW with
            {
                WeightDecay = h.WeightDecay ?? defaults.AdamW.WeightDecay,
                MaxGradientNorm = h.MaxGradientNorm ?? defaults.AdamW.MaxGradientNorm,
            },
            MaxSteps = h.MaxSteps,
            MaxSequenceLength = Math.Min(Math.Min(h.MaxSequenceLength ?? 4096, config.ContextLength), Math.Max(longestExample ?? int.MaxValue, 2)),
            CheckpointEvery = h.CheckpointEvery ?? defaults.CheckpointEvery,
            EvaluateEvery = h.EvaluateEvery ?? defaults.EvaluateEvery,
            ValidationShare = h.ValidationShare ?? 0,
            EarlyStoppingPatience = h.EarlyStoppingPatience,
            DpoBeta = h.DpoBeta ?? defaults.DpoBeta,
            Seed = spec.Seed,
        };
        return options with { MicroBatchRows = Math.Max(options.MicroBatchRows, options.RowsOfLongestItem) };
    }

    /// <summary>Rows that the longest item may have, the least <see cref="MicroBatchRows"/>: both answers of a pair run together.</summary>
    public int RowsOfLongestItem => (MaxSequenceLength - 1) * (Method == FineTuningMethod.Dpo ? 2 : 1);

    private static TargetModules Targets(FineTuningHyperparameters h) => (h.TargetPattern, h.TargetModules) switch
    {
        ({ } pattern, _) => TargetModules.FromText(pattern),
        (null, []) => TargetModules.AllLinear,
        (null, [string one]) when one.Equals(TargetModules.AllLinearName, StringComparison.OrdinalIgnoreCase) => TargetModules.AllLinear,
        _ => TargetModules.FromNames(h.TargetModules),
    };

    /// <summary>
    /// 5e-4 at a width of 2,000, more for narrower models, less for wider ones; a tenth for DPO, which moves from where the base stands.
    /// </summary>
    private static float DefaultLearningRate(FineTuningMethod method, ModelConfig config) =>
        Math.Min(3e-3f, 5e-4f * MathF.Pow(2000f / config.HiddenSize, 0.78f)) * (method == FineTuningMethod.Dpo ? 0.1f : 1);

    /// <summary>Checks every field.</summary>
    /// <exception cref="ArgumentException">Names the field, the limit and the value.</exception>
    internal void Check(ModelConfig config)
    {
        Range(nameof(Epochs), Epochs, 1, 50);
        Range(nameof(BatchSize), BatchSize, 1, 256);
        Range(nameof(LearningRate), LearningRate, float.Epsilon, 1);
        Range(nameof(WarmupRatio), WarmupRatio, 0, 1);
        Range(nameof(MaxSteps), MaxSteps ?? 1, 1, int.MaxValue);
        Range(nameof(MaxSequenceLength), MaxSequenceLength, 2, config.ContextLength);
        Range(nameof(MicroBatchRows), MicroBatchRows, RowsOfLongestItem, MaxRows);
        Range(nameof(HeadChunkRows), HeadChunkRows, 1, MaxRows);
        Range(nameof(CheckpointEvery), CheckpointEvery, 1, int.MaxValue);
        Range(nameof(KeepCheckpoints), KeepCheckpoints, 1, int.MaxValue);
        Range(nameof(EvaluateEvery), EvaluateEvery, 1, int.MaxValue);
        Range(nameof(ValidationShare), ValidationShare, 0, 0.5);
        Range(nameof(EarlyStoppingPatience), EarlyStoppingPatience ?? 1, 1, int.MaxValue);
        Range(nameof(DpoBeta), DpoBeta, float.Epsilon, 10);
        Range(nameof(Lora.Rank), Lora.Rank, 1, LoraConfig.MaxRank);
        Range(nameof(Lora.Dropout), Lora.Dropout, 0, 0.99);
    }

    private static void Range(string field, double value, double least, double most)
    {
        if (!(value >= least && value <= most))
        {
            throw new ArgumentException($"{field} is {value}; it must lie between {least} and {most}");
        }
    }
}
