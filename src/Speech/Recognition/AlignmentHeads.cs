using System.Text.Json;
using Inference.Models.Architectures;

namespace Inference.Speech.Recognition;

/// <summary>The heads of cross-attention that follow the sound.</summary>
internal static class AlignmentHeads
{
    /// <summary>
    /// `alignment_heads` of generation_config.json, pairs of layer and head; where there is none, all heads of the upper half of
    /// the layers, as OpenAI takes for models it has no list of.
    /// </summary>
    public static IReadOnlyList<(int Layer, int Head)> Of(string path, WhisperConfig config)
    {
        string file = Path.Combine(path, "generation_config.json");
        if (File.Exists(file))
        {
            using JsonDocument json = JsonDocument.Parse(File.ReadAllBytes(file));
            if (json.RootElement.TryGetProperty("alignment_heads", out JsonElement listed) && listed.ValueKind == JsonValueKind.Array)
            {
                (int, int)[] heads =
                [
                    .. listed.EnumerateArray().Select(pair => (Layer: pair[0].GetInt32(), Head: pair[1].GetInt32()))
                        .Where(h => h.Layer >= 0 && h.Layer < config.DecoderLayers && h.Head >= 0 && h.Head < config.DecoderHeads),
                ];
                if (heads.Length > 0)
                {
                    return heads;
                }
            }
        }

        int first = config.DecoderLayers / 2;
        return [.. from layer in Enumerable.Range(first, config.DecoderLayers - first) from head in Enumerable.Range(0, config.DecoderHeads) select (layer, head)];
    }
}
