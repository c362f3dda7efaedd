namespace Inference.Speech.Audio;

/// <summary>How audio is written as bytes.</summary>
public enum AudioEncoding
{
    /// <summary>Whatever the first bytes say: WAV, FLAC or Ogg Opus; else raw <see cref="Pcm16"/>.</summary>
    Auto,

    /// <summary>Raw signed 16-bit integers, little-endian, channels interleaved.</summary>
    Pcm16,

    /// <summary>Raw IEEE 754 binary32 from -1 to 1, little-endian, channels interleaved.</summary>
    Float32,

    /// <summary>Raw G.711 mu-law bytes.</summary>
    MuLaw,

    /// <summary>Raw G.711 A-law bytes.</summary>
    ALaw,

    /// <summary>RIFF WAVE: integers of 8 to 32 bits, floats, G.711.</summary>
    Wav,

    /// <summary>FLAC (RFC 9639).</summary>
    Flac,

    /// <summary>Opus packets (RFC 6716) without a container: each piece is one.</summary>
    OpusPackets,

    /// <summary>Opus (RFC 6716) in Ogg (RFC 7845).</summary>
    OggOpus,

    /// <summary>MP3 (MPEG layer III): written only.</summary>
    Mp3,
}
