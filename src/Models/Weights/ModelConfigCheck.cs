namespace Inference.Models.Weights;

/// <summary>The bounds that every configuration from a file must keep, so that nothing later divides by zero or overflows.</summary>
internal static class ModelConfigCheck
{
    /// <summary>The longest context.</summary>
    public const int MaxContextLength = 1 << 24;

    private const int MaxSize = 1 << 24;

    /// <summary>The configuration itself, when it is sound.</summary>
    /// <exception cref="ModelFormatException">A value is out of range.</exception>
    public static ModelConfig Checked(ModelConfig config, string file)
    {
        Range(file, nameof(config.VocabularySize), config.VocabularySize, MaxSize);
        Range(file, nameof(config.ContextLength), config.ContextLength, MaxContextLength);
        Range(file, nameof(config.HiddenSize), config.HiddenSize, 1 << 20);
        Range(file, nameof(config.IntermediateSize), config.IntermediateSize, 1 << 20);
        Range(file, nameof(config.LayerCount), config.LayerCount, 1 << 12);
        Range(file, nameof(config.HeadCount), config.HeadCount, 1 << 12);
        Range(file, nameof(config.KvHeadCount), config.KvHeadCount, config.HeadCount);
        Range(file, nameof(config.HeadDimension), config.HeadDimension, 1 << 12);
        if (config.HeadCount % config.KvHeadCount != 0)
        {
            throw new ModelFormatException(file, $"{config.HeadCount} query heads are no multiple of {config.KvHeadCount} key/value heads");
        }

        int rotated = config.RotaryDimension ?? config.HeadDimension;
        if (rotated < 2 || rotated % 2 != 0 || rotated > config.HeadDimension)
        {
            throw new ModelFormatException(file, $"rotary heads have an even dimension of at most {config.HeadDimension}, not {rotated}");
        }

        if (!(config.RmsNormEpsilon is > 0 and < 1) || !IsBase(config.RopeTheta) || !IsBase(config.LocalRopeTheta ?? config.RopeTheta))
        {
            throw new ModelFormatException(
                file, $"RMS norm epsilon {config.RmsNormEpsilon} or rotary base {config.RopeTheta}, {config.LocalRopeTheta} is out of range");
        }

        Positive(file, nameof(config.SlidingWindow), config.SlidingWindow);
        Positive(file, nameof(config.FullAttentionInterval), config.FullAttentionInterval);
        Positive(file, nameof(config.NoRotaryInterval), config.NoRotaryInterval);
        Positive(file, nameof(config.AttentionScale), config.AttentionScale);
        Positive(file, nameof(config.AttentionSoftCap), config.AttentionSoftCap);
        Positive(file, nameof(config.LogitSoftCap), config.LogitSoftCap);
        if (config.Experts is ExpertConfig experts)
        {
            Range(file, "the number of experts", experts.Count, 1 << 12);
            Range(file, "the number of experts per token", experts.PerToken, experts.Count);
            Range(file, "the width of an expert", experts.IntermediateSize, 1 << 20);
        }

        return config.RopeScaling?.Problem(rotated) is string problem ? throw new ModelFormatException(file, problem) : config;
    }

    private static bool IsBase(float theta) => theta is >= 1 and < float.PositiveInfinity;

    private static void Positive(string file, string name, float? value)
    {
        if (value is float number && !(number is > 0 and < float.PositiveInfinity))
        {
            throw new ModelFormatException(file, $"{name} must be above 0, not {number}");
        }
    }

    private static void Range(string file, string name, int value, int limit)
    {
        if (value < 1 || value > limit)
        {
            throw new ModelFormatException(file, $"{name} must be in [1, {limit}], not {value}");
        }
    }
}
