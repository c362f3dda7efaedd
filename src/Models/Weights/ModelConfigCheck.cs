namespace Inference.Models.Weights;

/// <summary>The bounds that every configuration from a file must keep, so that nothing later divides by zero or overflows.</summary>
internal static class ModelConfigCheck
{
    private const int MaxSize = 1 << 24;

    /// <summary>The configuration itself, when it is sound.</summary>
    /// <exception cref="ModelFormatException">A value is out of range.</exception>
    public static ModelConfig Checked(ModelConfig config, string file)
    {
        Range(file, nameof(config.VocabularySize), config.VocabularySize, MaxSize);
        Range(file, nameof(config.ContextLength), config.ContextLength, MaxSize);
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

        if (config.HeadDimension % 2 != 0)
        {
            throw new ModelFormatException(file, $"rotary heads have an even dimension, not {config.HeadDimension}");
        }

        if (!(config.RmsNormEpsilon is > 0 and < 1) || !(config.RopeTheta is >= 1 and < float.PositiveInfinity))
        {
            throw new ModelFormatException(file, $"RMS norm epsilon {config.RmsNormEpsilon} or rotary base {config.RopeTheta} is out of range");
        }

        RopeScaling? scaling = config.RopeScaling;
        return scaling is null || (scaling.Factor > 0 && scaling.HighFrequencyFactor > scaling.LowFrequencyFactor && scaling.OriginalContextLength > 0)
            ? config
            : throw new ModelFormatException(file, $"the rotary scaling is out of range: {scaling}");
    }

    private static void Range(string file, string name, int value, int limit)
    {
        if (value < 1 || value > limit)
        {
            throw new ModelFormatException(file, $"{name} must be in [1, {limit}], not {value}");
        }
    }
}
