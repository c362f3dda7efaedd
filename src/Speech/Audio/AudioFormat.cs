namespace Inference.Speech.Audio;

/// <summary>How samples lie in a buffer of floats from -1 to 1: frames one after the other, channels interleaved.</summary>
/// <param name="SampleRate">Frames a second, in hertz.</param>
/// <param name="Channels">Samples of a frame.</param>
public readonly record struct AudioFormat(int SampleRate, int Channels)
{
    /// <summary>Lowest sample rate that is read and written.</summary>
    public const int LowestRate = 8_000;

    /// <summary>Highest sample rate that is read and written.</summary>
    public const int HighestRate = 48_000;

    /// <summary>Most channels that are read.</summary>
    public const int MostChannels = 8;

    /// <summary>What is wrong with it, or null.</summary>
    public string? Fault =>
        SampleRate is < LowestRate or > HighestRate ? $"the sample rate must be from {LowestRate} to {HighestRate} Hz, not {SampleRate}"
        : Channels is < 1 or > MostChannels ? $"the channels must be from 1 to {MostChannels}, not {Channels}"
        : null;
}
