using System.Text.Json;
using System.Text.Json.Nodes;
using Inference.Models.Architectures;

namespace Inference.Models.Weights;

/// <summary>config.json of VITS models in Hugging Face's form (`VitsModel`).</summary>
public static class VitsFiles
{
    /// <summary>`model_type`.</summary>
    public const string ModelType = "vits";

    private const int MaxSize = 1 << 16, MaxList = 16;

    /// <summary>Our key: the decoder's residual blocks are of HiFi-GAN's second kind, which Hugging Face's models never have.</summary>
    private const string SecondKindKey = "resblock_without_pairs";

    /// <summary>Reads config.json of a directory.</summary>
    /// <exception cref="ModelFormatException">A key is missing, out of range, or asks for what is not supported.</exception>
    public static VitsConfig ReadConfig(string directory)
    {
        JsonKeys keys = JsonKeys.Read(Path.Combine(directory, HuggingFaceConfig.FileName));
        Only(keys, "model_type", ModelType);
        Only(keys, "hidden_act", "relu");
        if (keys.OptionalInteger("depth_separable_channels") is int channels and not 2)
        {
            throw keys.Wrong("depth_separable_channels", $"is {channels}, which is not supported (supported: 2)");
        }

        int speakers = Positive(keys, "num_speakers", 1), speakerSize = keys.OptionalInteger("speaker_embedding_size") ?? 0;
        VitsConfig config = new()
        {
            VocabularySize = Positive(keys, "vocab_size"),
            HiddenSize = Positive(keys, "hidden_size"),
            Layers = Positive(keys, "num_hidden_layers"),
            Heads = Positive(keys, "num_attention_heads"),
            Window = keys.OptionalInteger("window_size") ?? 4,
            IntermediateSize = Positive(keys, "ffn_dim"),
            FeedForwardTaps = Positive(keys, "ffn_kernel_size", 3),
            NormEpsilon = keys.Float("layer_norm_eps") ?? 1e-5f,
            FlowSize = Positive(keys, "flow_size"),
            Flows = Positive(keys, "prior_encoder_num_flows", 4),
            WaveNetLayers = Positive(keys, "prior_encoder_num_wavenet_layers", 4),
            WaveNetTaps = Positive(keys, "wavenet_kernel_size", 5),
            WaveNetDilation = Positive(keys, "wavenet_dilation_rate", 1),
            Durations = new VitsDurationConfig
            {
                IsStochastic = keys.Bool("use_stochastic_duration_prediction") ?? true,
                Taps = Positive(keys, "duration_predictor_kernel_size", 3),
                Channels = Positive(keys, "duration_predictor_filter_channels", 256),
                Flows = Positive(keys, "duration_predictor_num_flows", 4),
                SeparableLayers = Positive(keys, "depth_separable_num_layers", 3),
                Bins = Positive(keys, "duration_predictor_flow_bins", 10),
                TailBound = keys.Float("duration_predictor_tail_bound") ?? 5,
            },
            Vocoder = new VitsVocoderConfig
            {
                Channels = Positive(keys, "upsample_initial_channel"),
                Rates = List(keys, "upsample_rates"),
                UpsampleTaps = List(keys, "upsample_kernel_sizes"),
                BlockTaps = List(keys, "resblock_kernel_sizes"),
                BlockDilations = Lists(keys, "resblock_dilation_sizes"),
                HasPairs = !(keys.Bool(SecondKindKey) ?? false),
                Slope = keys.Float("leaky_relu_slope") ?? 0.1f,
            },
            Speakers = speakers,
            SpeakerSize = speakers > 1 ? speakerSize : 0,
        };
        VitsConfigCheck.Check(config, problem => new ModelFormatException(keys.File, problem));
        return config;
    }

    /// <summary>Writes config.json.</summary>
    /// <param name="directory">An existing directory.</param>
    /// <param name="config">The model.</param>
    /// <param name="sampleRate">Samples a second.</param>
    public static void WriteConfig(string directory, VitsConfig config, int sampleRate)
    {
        JsonObject json = new()
        {
            ["architectures"] = new JsonArray("VitsModel"),
            ["model_type"] = ModelType,
            ["hidden_act"] = "relu",
            ["vocab_size"] = config.VocabularySize,
            ["hidden_size"] = config.HiddenSize,
            ["num_hidden_layers"] = config.Layers,
            ["num_attention_heads"] = config.Heads,
            ["window_size"] = config.Window,
            ["ffn_dim"] = config.IntermediateSize,
            ["ffn_kernel_size"] = config.FeedForwardTaps,
            ["layer_norm_eps"] = config.NormEpsilon,
            ["flow_size"] = config.FlowSize,
            ["prior_encoder_num_flows"] = config.Flows,
            ["prior_encoder_num_wavenet_layers"] = config.WaveNetLayers,
            ["wavenet_kernel_size"] = config.WaveNetTaps,
            ["wavenet_dilation_rate"] = config.WaveNetDilation,
            ["use_stochastic_duration_prediction"] = config.Durations.IsStochastic,
            ["duration_predictor_kernel_size"] = config.Durations.Taps,
            ["duration_predictor_filter_channels"] = config.Durations.Channels,
            ["duration_predictor_num_flows"] = config.Durations.Flows,
            ["duration_predictor_flow_bins"] = config.Durations.Bins,
            ["duration_predictor_tail_bound"] = config.Durations.TailBound,
            ["depth_separable_channels"] = 2,
            ["depth_separable_num_layers"] = config.Durations.SeparableLayers,
            ["upsample_initial_channel"] = config.Vocoder.Channels,
            ["upsample_rates"] = Json(config.Vocoder.Rates),
            ["upsample_kernel_sizes"] = Json(config.Vocoder.UpsampleTaps),
            ["resblock_kernel_sizes"] = Json(config.Vocoder.BlockTaps),
            ["resblock_dilation_sizes"] = new JsonArray([.. config.Vocoder.BlockDilations.Select(Json)]),
            ["leaky_relu_slope"] = config.Vocoder.Slope,
            ["num_speakers"] = config.Speakers,
            ["speaker_embedding_size"] = config.SpeakerSize,
            ["sampling_rate"] = sampleRate,
            ["noise_scale"] = 0.667f,
            ["noise_scale_duration"] = 0.8f,
            ["speaking_rate"] = 1f,
        };
        if (!config.Vocoder.HasPairs)
        {
            json[SecondKindKey] = true;
        }

        JsonSerializerOptions indented = new() { WriteIndented = true };
        File.WriteAllText(Path.Combine(directory, HuggingFaceConfig.FileName), json.ToJsonString(indented) + "\n");
    }

    private static JsonArray Json(int[] numbers) => [.. numbers.Select(n => (JsonNode)n)];

    private static void Only(JsonKeys keys, string key, string supported)
    {
        if (keys.Text(key) is string value && value != supported)
        {
            throw keys.Wrong(key, $"is '{value}', which is not supported (supported: {supported})");
        }
    }

    private static int Positive(JsonKeys keys, string key, int? fallback = null)
    {
        int value = keys.OptionalInteger(key) ?? fallback ?? keys.Integer(key);
        return value is > 0 and <= MaxSize ? value : throw keys.Wrong(key, $"is {value}, not 1 to {MaxSize}");
    }

    private static int[] List(JsonKeys keys, string key)
    {
        int[] values = keys.IntegerOrList(key);
        return values.Length is > 0 and <= MaxList && values.All(v => v is > 0 and <= MaxSize)
            ? values
            : throw keys.Wrong(key, $"must be 1 to {MaxList} numbers of 1 to {MaxSize}");
    }

    private static int[][] Lists(JsonKeys keys, string key)
    {
        int[][]? lists = keys.List(
            key,
            list => list.ValueKind == JsonValueKind.Array && list.EnumerateArray().All(v => v.ValueKind == JsonValueKind.Number && v.TryGetInt32(out int n) && n is > 0 and <= MaxSize)
                ? list.EnumerateArray().Select(v => v.GetInt32()).ToArray()
                : null,
            $"lists of numbers of 1 to {MaxSize}");
        return lists is { Length: > 0 and <= MaxList } && lists.All(l => l.Length is > 0 and <= MaxList)
            ? lists
            : throw keys.Wrong(key, $"must be 1 to {MaxList} lists of 1 to {MaxList} numbers");
    }
}
