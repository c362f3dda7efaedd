namespace Inference.Models.Architectures;

/// <summary>Shape of a VITS model (Kim, Kong, Son, Conditional Variational Autoencoder with Adversarial Learning for End-to-End Text-to-Speech, 2021).</summary>
public sealed record VitsConfig
{
    /// <summary>Number of symbol ids.</summary>
    public required int VocabularySize { get; init; }

    /// <summary>Width of the text encoder, of the flow's and of the duration predictor's inner layers.</summary>
    public required int HiddenSize { get; init; }

    /// <summary>Layers of the text encoder.</summary>
    public required int Layers { get; init; }

    /// <summary>Heads of its attention.</summary>
    public required int Heads { get; init; }

    /// <summary>Distance up to which its attention knows relative positions; 0 for none.</summary>
    public required int Window { get; init; }

    /// <summary>Width of its feed-forward layers.</summary>
    public required int IntermediateSize { get; init; }

    /// <summary>Taps of their convolutions.</summary>
    public required int FeedForwardTaps { get; init; }

    /// <summary>Epsilon of the text encoder's norms.</summary>
    public float NormEpsilon { get; init; } = 1e-5f;

    /// <summary>Channels of the latent frames.</summary>
    public required int FlowSize { get; init; }

    /// <summary>Coupling layers.</summary>
    public required int Flows { get; init; }

    /// <summary>Layers of a coupling's WaveNet.</summary>
    public required int WaveNetLayers { get; init; }

    /// <summary>Taps of their convolutions.</summary>
    public required int WaveNetTaps { get; init; }

    /// <summary>Layer i is dilated by this to the power of i.</summary>
    public int WaveNetDilation { get; init; } = 1;

    /// <summary>How long symbols are.</summary>
    public required VitsDurationConfig Durations { get; init; }

    /// <summary>From latent frames to samples.</summary>
    public required VitsVocoderConfig Vocoder { get; init; }

    /// <summary>Number of voices; 1 has no embedding.</summary>
    public int Speakers { get; init; } = 1;

    /// <summary>Width of a voice's embedding; 0 of a model of one voice.</summary>
    public int SpeakerSize { get; init; }
}
