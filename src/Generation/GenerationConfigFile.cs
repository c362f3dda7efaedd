using System.Text.Json;
using Inference.Models.Weights;

namespace Inference.Generation;

/// <summary>
/// Reads the sampling parameters of a Hugging Face directory's generation_config.json: temperature, top_k, top_p, min_p,
/// typical_p, repetition_penalty, max_new_tokens; "do_sample": false is temperature 0. What it does not name, or names as
/// null, keeps the default. (Its end tokens are part of the model's configuration.)
/// </summary>
internal static class GenerationConfigFile
{
    public const string FileName = "generation_config.json";

    /// <exception cref="ModelFormatException">The file is no JSON object, or a value is of the wrong type or out of its range.</exception>
    public static SamplingParameters Read(string directory)
    {
        string path = Path.Combine(directory, FileName);
        if (!File.Exists(path))
            return new SamplingParameters();
        try
        {
            using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(path));
            JsonElement root = document.RootElement;
            SamplingParameters defaults = new();
            SamplingParameters read = new()
            {
                Temperature = Field(root, "do_sample") is { ValueKind: JsonValueKind.False } ? 0 : Number(root, "temperature", defaults.Temperature),
                TopK = Field(root, "top_k")?.GetInt32() ?? defaults.TopK,
                TopP = Number(root, "top_p", defaults.TopP),
                MinP = Number(root, "min_p", defaults.MinP),
                TypicalP = Number(root, "typical_p", defaults.TypicalP),
                RepetitionPenalty = Number(root, "repetition_penalty", defaults.RepetitionPenalty),
                MaxTokens = Field(root, "max_new_tokens")?.GetInt32(),
            };
            IReadOnlyList<FieldViolation> faults = SamplingParametersValidator.Validate(read, int.MaxValue);
            return faults.Count == 0 ? read : throw new ModelFormatException(path, string.Join("; ", faults.Select(f => $"{f.Field}: {f.Description}")));
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or FormatException)
        {
            throw new ModelFormatException(path, error.Message);
        }
    }

    private static float Number(JsonElement root, string name, float otherwise) => Field(root, name)?.GetSingle() ?? otherwise;

    private static JsonElement? Field(JsonElement root, string name) =>
        root.TryGetProperty(name, out JsonElement value) && value.ValueKind != JsonValueKind.Null ? value : null;
}
