namespace Inference.Models.Architectures;

/// <summary>Shapes of published voices.</summary>
public static class VitsShapes
{
    private const int PiperSymbols = 256, PiperRate = 22_050, MmsSymbols = 38, MmsRate = 16_000;

    private static readonly VitsVocoderConfig Large = new()
    {
        Channels = 512,
        Rates = [8, 8, 2, 2],
        UpsampleTaps = [16, 16, 4, 4],
        BlockTaps = [3, 7, 11],
        BlockDilations = [[1, 3, 5], [1, 3, 5], [1, 3, 5]],
        HasPairs = true,
    };

    private static readonly VitsVocoderConfig Small = new()
    {
        Channels = 256,
        Rates = [8, 8, 4],
        UpsampleTaps = [16, 16, 8],
        BlockTaps = [3, 5, 7],
        BlockDilations = [[1, 2], [2, 6], [3, 12]],
        HasPairs = false,
    };

    private static readonly Dictionary<string, (VitsConfig Config, int SampleRate)> Shapes = new(StringComparer.OrdinalIgnoreCase)
    {
        ["piper-medium"] = (Shape(PiperSymbols, Small), PiperRate),
        ["piper-high"] = (Shape(PiperSymbols, Large), PiperRate),
        ["mms"] = (Shape(MmsSymbols, Large), MmsRate),
    };

    /// <summary>The names that <see cref="Find"/> knows.</summary>
    public static IReadOnlyCollection<string> Names => Shapes.Keys;

    /// <summary>The shape of that name, and its samples a second.</summary>
    /// <exception cref="ArgumentException">There is none.</exception>
    public static (VitsConfig Config, int SampleRate) Find(string name) => Shapes.TryGetValue(name, out (VitsConfig, int) shape)
        ? shape
        : throw new ArgumentException($"'{name}' is no known shape ({string.Join(", ", Names)})", nameof(name));

    private static VitsConfig Shape(int symbols, VitsVocoderConfig vocoder) => new()
    {
        VocabularySize = symbols,
        HiddenSize = 192,
        Layers = 6,
        Heads = 2,
        Window = 4,
        IntermediateSize = 768,
        FeedForwardTaps = 3,
        FlowSize = 192,
        Flows = 4,
        WaveNetLayers = 4,
        WaveNetTaps = 5,
        Durations = new VitsDurationConfig { IsStochastic = true, Taps = 3 },
        Vocoder = vocoder,
    };
}
