namespace Inference.Models.Architectures;

/// <summary>Shapes of OpenAI's models.</summary>
public static class WhisperShapes
{
    private const int HeadDimension = 64, Multilingual = 51_865, English = 51_864, LargeV3 = 51_866;

    private static readonly Dictionary<string, WhisperConfig> Shapes = new(StringComparer.OrdinalIgnoreCase)
    {
        ["tiny"] = Shape(384, 4, 4),
        ["tiny.en"] = Shape(384, 4, 4, English),
        ["base"] = Shape(512, 6, 6),
        ["base.en"] = Shape(512, 6, 6, English),
        ["small"] = Shape(768, 12, 12),
        ["small.en"] = Shape(768, 12, 12, English),
        ["medium"] = Shape(1024, 24, 24),
        ["medium.en"] = Shape(1024, 24, 24, English),
        ["large"] = Shape(1280, 32, 32),
        ["large-v2"] = Shape(1280, 32, 32),
        ["large-v3"] = Shape(1280, 32, 32, LargeV3, 128),
        ["large-v3-turbo"] = Shape(1280, 32, 4, LargeV3, 128),
    };

    /// <summary>The names that <see cref="Find"/> knows.</summary>
    public static IReadOnlyCollection<string> Names => Shapes.Keys;

    /// <summary>The shape of that name.</summary>
    /// <exception cref="ArgumentException">There is none.</exception>
    public static WhisperConfig Find(string name) => Shapes.TryGetValue(name, out WhisperConfig? shape)
        ? shape
        : throw new ArgumentException($"'{name}' is no known shape ({string.Join(", ", Names)})", nameof(name));

    private static WhisperConfig Shape(int width, int encoderLayers, int decoderLayers, int vocabulary = Multilingual, int mels = 80) => new()
    {
        MelCount = mels,
        HiddenSize = width,
        EncoderLayers = encoderLayers,
        EncoderHeads = width / HeadDimension,
        EncoderIntermediateSize = 4 * width,
        DecoderLayers = decoderLayers,
        DecoderHeads = width / HeadDimension,
        DecoderIntermediateSize = 4 * width,
        VocabularySize = vocabulary,
    };
}
