using Inference.Models.Rotary;
using Inference.Tensors;

namespace Inference.Models.Weights;

/// <summary>
/// The rotary embedding in a GGUF file: base and scaling in the metadata; Llama 3's and LongRoPE's divisors as tensors. Meanings:
/// llama.cpp, llama_model_base::load_hparams and llama_context.
/// </summary>
internal static class GgufRope
{
    private const string Supported = "supported: none, linear, yarn, longrope, and rope_freqs.weight";

    /// <summary>The configuration with base and scaling.</summary>
    public static ModelConfig Read(GgufFile file, string architecture, ModelConfig config)
    {
        GgufMetadata values = file.Metadata;
        return config with
        {
            RopeTheta = values.Float($"{architecture}.rope.freq_base") ?? 10_000f,
            LocalRopeTheta = values.Float($"{architecture}.rope.freq_base_swa"),
            RopeScaling = file.Tensors.ContainsKey(GgufNames.RotaryFactors)
                ? new FactorRopeScaling(Vector(file, GgufNames.RotaryFactors))
                : Scaling(file, $"{architecture}.rope.scaling", config.ContextLength),
        };
    }

    /// <summary>Adds the metadata that <see cref="Read"/> reads.</summary>
    /// <exception cref="ArgumentException">The scaling has no form in GGUF.</exception>
    public static void Write(string architecture, ModelConfig config, Dictionary<string, object> values)
    {
        values[$"{architecture}.rope.freq_base"] = config.RopeTheta;
        if (config.LocalRopeTheta is float local)
        {
            values[$"{architecture}.rope.freq_base_swa"] = local;
        }

        string scaling = $"{architecture}.rope.scaling";
        switch (config.RopeScaling)
        {
            case null or FactorRopeScaling or Llama3RopeScaling:
                break;
            case LinearRopeScaling linear:
                values[$"{scaling}.type"] = "linear";
                values[$"{scaling}.factor"] = linear.Factor;
                break;
            case YarnRopeScaling yarn:
                values[$"{scaling}.type"] = "yarn";
                values[$"{scaling}.factor"] = yarn.Factor;
                values[$"{scaling}.original_context_length"] = (uint)yarn.OriginalContextLength;
                values[$"{scaling}.yarn_beta_fast"] = yarn.BetaFast;
                values[$"{scaling}.yarn_beta_slow"] = yarn.BetaSlow;
                if (yarn.AttentionFactor is float attention)
                {
                    values[$"{scaling}.attn_factor"] = (float)(attention / YarnRopeScaling.DefaultMagnitude(yarn.Factor));
                }

                break;
            case LongRopeScaling longRope:
                values[$"{scaling}.type"] = "longrope";
                values[$"{scaling}.original_context_length"] = (uint)longRope.OriginalContextLength;
                values[$"{scaling}.attn_factor"] = longRope.AttentionFactor;
                break;
            default:
                throw new ArgumentException($"{config.RopeScaling.GetType().Name} has no form in GGUF", nameof(config));
        }
    }

    /// <summary>The divisors that a GGUF file has as tensors.</summary>
    public static IEnumerable<(string Name, float[] Factors)> FactorTensors(ModelConfig config)
    {
        switch (config.RopeScaling)
        {
            case FactorRopeScaling stored:
                yield return (GgufNames.RotaryFactors, [.. stored.Factors]);
                break;
            case Llama3RopeScaling llama3:
                double[] plain = RotaryAngles.PlainFrequencies(config.RotaryDimension ?? config.HeadDimension, config.RopeTheta);
                double[] scaled = llama3.Frequencies(plain, config.RopeTheta, config.ContextLength);
                yield return (GgufNames.RotaryFactors, [.. plain.Zip(scaled, (p, s) => (float)(p / s))]);
                break;
            case LongRopeScaling longRope:
                yield return (GgufNames.LongRotaryFactors, [.. longRope.LongFactors]);
                yield return (GgufNames.ShortRotaryFactors, [.. longRope.ShortFactors]);
                break;
        }
    }

    private static RopeScaling? Scaling(GgufFile file, string prefix, int contextLength)
    {
        GgufMetadata values = file.Metadata;
        float? factor = values.Float($"{prefix}.factor");
        string type = values.Text($"{prefix}.type") ?? (factor is null ? "none" : "linear");
        int original = values.Integer($"{prefix}.original_context_length") ?? contextLength;
        float magnitude = values.Float($"{prefix}.attn_factor") ?? 1;
        bool hasFactors = file.Tensors.ContainsKey(GgufNames.LongRotaryFactors);
        return type switch
        {
            "longrope" or "none" when hasFactors =>
                new LongRopeScaling(Vector(file, GgufNames.ShortRotaryFactors), Vector(file, GgufNames.LongRotaryFactors), original, magnitude),
            "none" or "longrope" => null,
            "linear" => factor is null or 0 or 1 ? null : new LinearRopeScaling(factor.Value),
            "yarn" => Yarn(values, prefix, factor ?? throw new ModelFormatException(file.Path, $"the metadata value '{prefix}.factor' is missing"), original, magnitude),
            _ => throw new ModelFormatException(file.Path, $"'{prefix}.type' is '{type}', which is not supported ({Supported})"),
        };
    }

    private static YarnRopeScaling Yarn(GgufMetadata values, string prefix, float factor, int original, float magnitude)
    {
        float weight = values.Float($"{prefix}.yarn_log_multiplier") ?? 0;
        double paper = YarnRopeScaling.DefaultMagnitude(factor) / (weight == 0 ? 1 : YarnRopeScaling.DefaultMagnitude(factor, weight));
        float? attention = magnitude == 1 && weight == 0 ? null : (float)(paper * magnitude);
        return new YarnRopeScaling(
            factor, original, attention, values.Float($"{prefix}.yarn_beta_fast") ?? 32, values.Float($"{prefix}.yarn_beta_slow") ?? 1);
    }

    private static float[] Vector(GgufFile file, string name) => file.Get(name).ReadRow(0);
}
