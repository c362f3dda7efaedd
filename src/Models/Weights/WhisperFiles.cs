using System.Text.Json;
using System.Text.Json.Nodes;
using Inference.Models.Architectures;
using Inference.Tensors;

namespace Inference.Models.Weights;

/// <summary>config.json of Whisper models in Hugging Face's form.</summary>
public static class WhisperFiles
{
    /// <summary>`model_type`.</summary>
    public const string ModelType = "whisper";

    private const string VariableLengthKey = "variable_audio_length";

    /// <summary>Reads config.json of a directory.</summary>
    /// <exception cref="ModelFormatException">A key is missing, out of range, or asks for what is not supported.</exception>
    public static WhisperConfig ReadConfig(string directory)
    {
        JsonKeys keys = JsonKeys.Read(Path.Combine(directory, HuggingFaceConfig.FileName));
        if (keys.Text("model_type") is string type && type != ModelType)
        {
            throw keys.Wrong("model_type", $"is '{type}', not '{ModelType}'");
        }

        if (keys.Text("activation_function") is string activation && activation != "gelu")
        {
            throw keys.Wrong("activation_function", $"is '{activation}', which is not supported (supported: gelu)");
        }

        int Positive(string key, int? fallback = null)
        {
            int value = keys.OptionalInteger(key) ?? fallback ?? keys.Integer(key);
            return value is > 0 and <= 1 << 20 ? value : throw keys.Wrong(key, $"is {value}, not 1 to {1 << 20}");
        }

        WhisperConfig config = new()
        {
            MelCount = Positive("num_mel_bins"),
            HiddenSize = Positive("d_model"),
            EncoderLayers = Positive("encoder_layers"),
            EncoderHeads = Positive("encoder_attention_heads"),
            EncoderIntermediateSize = Positive("encoder_ffn_dim"),
            DecoderLayers = Positive("decoder_layers"),
            DecoderHeads = Positive("decoder_attention_heads"),
            DecoderIntermediateSize = Positive("decoder_ffn_dim"),
            VocabularySize = Positive("vocab_size"),
            AudioContext = Positive("max_source_positions", 1500),
            TextContext = Positive("max_target_positions", 448),
            VariableAudioLength = keys.Bool(VariableLengthKey) ?? false,
        };
        return config.HiddenSize % config.EncoderHeads == 0 && config.HiddenSize % config.DecoderHeads == 0 && config.HiddenSize % 2 == 0
            ? config
            : throw keys.Wrong("d_model", $"is {config.HiddenSize}, which {config.EncoderHeads} and {config.DecoderHeads} heads do not divide");
    }

    /// <summary>Writes config.json.</summary>
    /// <param name="directory">An existing directory.</param>
    /// <param name="config">The model.</param>
    /// <param name="startToken">Id of the token that begins a transcript.</param>
    /// <param name="endToken">Id of the token that ends it.</param>
    /// <param name="type">Number format of the weights, recorded as `torch_dtype`.</param>
    public static void WriteConfig(string directory, WhisperConfig config, int startToken, int endToken, DType type)
    {
        JsonObject json = new()
        {
            ["architectures"] = new JsonArray("WhisperForConditionalGeneration"),
            ["model_type"] = ModelType,
            ["activation_function"] = "gelu",
            ["num_mel_bins"] = config.MelCount,
            ["d_model"] = config.HiddenSize,
            ["encoder_layers"] = config.EncoderLayers,
            ["encoder_attention_heads"] = config.EncoderHeads,
            ["encoder_ffn_dim"] = config.EncoderIntermediateSize,
            ["decoder_layers"] = config.DecoderLayers,
            ["decoder_attention_heads"] = config.DecoderHeads,
            ["decoder_ffn_dim"] = config.DecoderIntermediateSize,
            ["vocab_size"] = config.VocabularySize,
            ["max_source_positions"] = config.AudioContext,
            ["max_target_positions"] = config.TextContext,
            ["scale_embedding"] = false,
            ["tie_word_embeddings"] = true,
            ["decoder_start_token_id"] = startToken,
            ["bos_token_id"] = endToken,
            ["eos_token_id"] = endToken,
            ["pad_token_id"] = endToken,
            ["torch_dtype"] = type switch { DType.F32 => "float32", DType.F16 => "float16", _ => "bfloat16" },
        };
        if (config.VariableAudioLength)
        {
            json[VariableLengthKey] = true;
        }

        JsonSerializerOptions indented = new() { WriteIndented = true };
        File.WriteAllText(Path.Combine(directory, HuggingFaceConfig.FileName), json.ToJsonString(indented) + "\n");
    }
}
