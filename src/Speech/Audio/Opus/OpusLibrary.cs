using System.Runtime.InteropServices;

namespace Inference.Speech.Audio.Opus;

/// <summary>The functions of libopus (BSD) that are called. Arrays are pinned while they run.</summary>
internal static class OpusLibrary
{
    /// <summary>Rate of all Opus streams here, in hertz.</summary>
    public const int Rate = 48_000;

    /// <summary>Samples of the longest packet: 120 ms.</summary>
    public const int LongestPacket = 5_760;

    private const string Name = "libopus.so.0";

    /// <summary>Whether the library is installed (Debian: libopus0).</summary>
    public static bool IsInstalled { get; } = NativeLibrary.TryLoad(Name, typeof(OpusLibrary).Assembly, null, out _);

    /// <exception cref="AudioFormatException">It is not installed.</exception>
    public static void Require()
    {
        if (!IsInstalled)
        {
            throw new AudioFormatException($"Opus is read and written by {Name}, which is not installed (Debian: apt-get install libopus0)");
        }
    }

    [DllImport(Name, EntryPoint = "opus_multistream_decoder_create")]
    public static extern OpusDecoderHandle CreateDecoder(int rate, int channels, int streams, int coupledStreams, byte[] mapping, out int error);

    [DllImport(Name, EntryPoint = "opus_multistream_decode_float")]
    public static extern int Decode(OpusDecoderHandle decoder, byte[] packet, int length, float[] samples, int frameSize, int decodeFec);

    [DllImport(Name, EntryPoint = "opus_multistream_decoder_destroy")]
    public static extern void DestroyDecoder(nint decoder);

    [DllImport(Name, EntryPoint = "opus_encoder_create")]
    public static extern OpusEncoderHandle CreateEncoder(int rate, int channels, int application, out int error);

    [DllImport(Name, EntryPoint = "opus_encode_float")]
    public static extern int Encode(OpusEncoderHandle encoder, float[] samples, int frameSize, byte[] packet, int length);

    [DllImport(Name, EntryPoint = "opus_encoder_destroy")]
    public static extern void DestroyEncoder(nint encoder);
}
