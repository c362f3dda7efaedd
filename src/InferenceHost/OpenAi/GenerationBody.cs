using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Inference.Generation;

namespace Inference.InferenceHost.OpenAi;

/// <summary>Fields that chat and text completions share. Null means that the model's own default holds. Fields that are not known are ignored.</summary>
internal abstract class GenerationBody
{
    /// <summary>Name of a loaded model, or "model:adapter"; the default model where absent.</summary>
    public string? Model { get; init; }

    /// <summary>The adapter to answer with, where the model's name does not have it. Extension.</summary>
    public string? Adapter { get; init; }

    /// <summary>Answer in server-sent events.</summary>
    public bool? Stream { get; init; }

    public StreamOptions? StreamOptions { get; init; }

    public float? Temperature { get; init; }

    public float? TopP { get; init; }

    public int? N { get; init; }

    public long? Seed { get; init; }

    [JsonConverter(typeof(StringOrListConverter))]
    public IReadOnlyList<string>? Stop { get; init; }

    public int? MaxTokens { get; init; }

    public float? PresencePenalty { get; init; }

    public float? FrequencyPenalty { get; init; }

    /// <summary>Token id (in decimal) to bias.</summary>
    public Dictionary<string, float>? LogitBias { get; init; }

    /// <summary>The end user: fair share is kept between users.</summary>
    public string? User { get; init; }

    /// <summary>Extension, as are the fields from here on.</summary>
    public int? TopK { get; init; }

    public float? MinP { get; init; }

    public float? TypicalP { get; init; }

    public float? RepetitionPenalty { get; init; }

    public IReadOnlyList<int>? StopTokenIds { get; init; }

    public int? MinTokens { get; init; }

    public bool? IgnoreEos { get; init; }

    /// <summary>-100 to 100; higher runs first.</summary>
    public int? Priority { get; init; }

    public JsonElement? ResponseFormat { get; init; }

    /// <summary>The model's defaults with this body's values in their place.</summary>
    /// <exception cref="InvalidRequestException">A key of logit_bias is no token id.</exception>
    protected SamplingParameters Sampling(SamplingParameters defaults) => defaults with
    {
        Temperature = Temperature ?? defaults.Temperature,
        TopK = TopK ?? defaults.TopK,
        TopP = TopP ?? defaults.TopP,
        MinP = MinP ?? defaults.MinP,
        TypicalP = TypicalP ?? defaults.TypicalP,
        RepetitionPenalty = RepetitionPenalty ?? defaults.RepetitionPenalty,
        PresencePenalty = PresencePenalty ?? defaults.PresencePenalty,
        FrequencyPenalty = FrequencyPenalty ?? defaults.FrequencyPenalty,
        LogitBias = LogitBias is null ? defaults.LogitBias : LogitBias.ToDictionary(b => TokenId(b.Key), b => b.Value),
        Seed = Seed ?? defaults.Seed,
        Stop = Stop ?? defaults.Stop,
        StopTokenIds = StopTokenIds ?? defaults.StopTokenIds,
        MaxTokens = MaxTokens ?? defaults.MaxTokens,
        MinTokens = MinTokens ?? defaults.MinTokens,
        N = N ?? defaults.N,
        IgnoreEos = IgnoreEos ?? defaults.IgnoreEos,
    };

    /// <summary>Refuses what would change the answer and cannot be carried out.</summary>
    /// <exception cref="InvalidRequestException">Names each such field.</exception>
    public void RefuseUnsupported()
    {
        List<FieldViolation> violations = [.. Unsupported().Where(f => IsSet(f.Value)).Select(f => new FieldViolation(f.Field, f.Reason))];
        if (ResponseFormat is { } format && !IsTextFormat(format))
        {
            violations.Add(new FieldViolation("response_format", "only {\"type\": \"text\"} is supported, this server does not constrain answers"));
        }

        if (violations.Count > 0)
        {
            throw new InvalidRequestException(violations);
        }
    }

    /// <summary>Fields that this server does not carry out, with the reason.</summary>
    protected abstract IEnumerable<(string Field, JsonElement? Value, string Reason)> Unsupported();

    private static bool IsSet(JsonElement? value) => value is { } set
        && set.ValueKind is not (JsonValueKind.Null or JsonValueKind.Undefined)
        && !(set.ValueKind == JsonValueKind.Array && set.GetArrayLength() == 0);

    private static bool IsTextFormat(JsonElement format) => format.ValueKind == JsonValueKind.Null
        || (format.ValueKind == JsonValueKind.Object && format.TryGetProperty("type", out JsonElement type)
            && type.ValueKind == JsonValueKind.String && type.ValueEquals("text"));

    private static int TokenId(string key) => int.TryParse(key, NumberStyles.None, CultureInfo.InvariantCulture, out int id)
        ? id : throw new InvalidRequestException("logit_bias", $"keys are token ids, not \"{(key.Length > 32 ? key[..32] : key)}\"");
}
