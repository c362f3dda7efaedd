using Inference.Models.Architectures;

namespace Inference.Models.Tests.Architectures;

/// <summary>VITS models of some thousand weights, in each of the network's kinds.</summary>
internal static class TinyVits
{
    /// <summary>As MMS: paired residual blocks, the stochastic duration predictor, one voice.</summary>
    public static VitsConfig Mms { get; } = new()
    {
        VocabularySize = 20,
        HiddenSize = 24,
        Layers = 2,
        Heads = 2,
        Window = 4,
        IntermediateSize = 40,
        FeedForwardTaps = 3,
        FlowSize = 12,
        Flows = 4,
        WaveNetLayers = 3,
        WaveNetTaps = 5,
        Durations = new VitsDurationConfig { IsStochastic = true, Taps = 3 },
        Vocoder = new VitsVocoderConfig
        {
            Channels = 32,
            Rates = [4, 4, 2],
            UpsampleTaps = [8, 10, 4],
            BlockTaps = [3, 7],
            BlockDilations = [[1, 3, 5], [1, 3]],
            HasPairs = true,
        },
    };

    /// <summary>As Piper's low and medium voices: single residual blocks; here of three voices.</summary>
    public static VitsConfig Piper { get; } = Mms with
    {
        WaveNetDilation = 2,
        Vocoder = new VitsVocoderConfig
        {
            Channels = 40,
            Rates = [8, 4],
            UpsampleTaps = [16, 8],
            BlockTaps = [3, 5, 7],
            BlockDilations = [[1, 2], [2, 6], [3, 12]],
            HasPairs = false,
        },
        Speakers = 3,
        SpeakerSize = 10,
    };

    /// <summary>The duration predictor without chance, and no relative positions.</summary>
    public static VitsConfig Plain { get; } = Mms with { Window = 0, Durations = new VitsDurationConfig { IsStochastic = false, Taps = 3, Channels = 20 } };
}
