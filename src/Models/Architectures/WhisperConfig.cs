namespace Inference.Models.Architectures;

/// <summary>Shape of a Whisper model (Radford et al., Robust Speech Recognition via Large-Scale Weak Supervision, 2022).</summary>
public sealed record WhisperConfig
{
    /// <summary>Channels of the log-mel spectrogram: 80, or 128 from large-v3 on.</summary>
    public required int MelCount { get; init; }

    /// <summary>Width of encoder and decoder.</summary>
    public required int HiddenSize { get; init; }

    /// <summary>Layers of the encoder.</summary>
    public required int EncoderLayers { get; init; }

    /// <summary>Heads of the encoder's attention.</summary>
    public required int EncoderHeads { get; init; }

    /// <summary>Width of the encoder's feed-forward layers.</summary>
    public required int EncoderIntermediateSize { get; init; }

    /// <summary>Layers of the decoder.</summary>
    public required int DecoderLayers { get; init; }

    /// <summary>Heads of the decoder's attention.</summary>
    public required int DecoderHeads { get; init; }

    /// <summary>Width of the decoder's feed-forward layers.</summary>
    public required int DecoderIntermediateSize { get; init; }

    /// <summary>Number of token ids.</summary>
    public required int VocabularySize { get; init; }

    /// <summary>Positions of the encoder, 20 ms each.</summary>
    public int AudioContext { get; init; } = 1500;

    /// <summary>Positions of the decoder.</summary>
    public int TextContext { get; init; } = 448;

    /// <summary>
    /// The model was trained on audio of its own length: the encoder is given that, not 30 s filled up with silence (our key
    /// `variable_audio_length`; no model of OpenAI has it).
    /// </summary>
    public bool VariableAudioLength { get; init; }

    /// <summary>Frames of 10 ms that the encoder takes at most: two a position.</summary>
    public int MaxFrames => 2 * AudioContext;
}
