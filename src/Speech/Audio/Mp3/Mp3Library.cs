using System.Runtime.InteropServices;

namespace Inference.Speech.Audio.Mp3;

/// <summary>The functions of LAME (LGPL) that are called. Arrays are pinned while they run.</summary>
internal static class Mp3Library
{
    private const string Name = "libmp3lame.so.0";

    /// <summary>Whether the library is installed (Debian: libmp3lame0).</summary>
    public static bool IsInstalled { get; } = NativeLibrary.TryLoad(Name, typeof(Mp3Library).Assembly, null, out _);

    /// <exception cref="AudioFormatException">It is not installed.</exception>
    public static void Require()
    {
        if (!IsInstalled)
        {
            throw new AudioFormatException($"MP3 is written by {Name}, which is not installed (Debian: apt-get install libmp3lame0)");
        }
    }

    [DllImport(Name, EntryPoint = "lame_init")]
    public static extern Mp3EncoderHandle Create();

    [DllImport(Name, EntryPoint = "lame_set_in_samplerate")]
    public static extern int SetInputRate(Mp3EncoderHandle encoder, int rate);

    [DllImport(Name, EntryPoint = "lame_set_out_samplerate")]
    public static extern int SetOutputRate(Mp3EncoderHandle encoder, int rate);

    [DllImport(Name, EntryPoint = "lame_set_num_channels")]
    public static extern int SetChannels(Mp3EncoderHandle encoder, int channels);

    [DllImport(Name, EntryPoint = "lame_set_brate")]
    public static extern int SetBitRate(Mp3EncoderHandle encoder, int kilobitsPerSecond);

    [DllImport(Name, EntryPoint = "lame_set_bWriteVbrTag")]
    public static extern int SetWriteTag(Mp3EncoderHandle encoder, int write);

    [DllImport(Name, EntryPoint = "lame_init_params")]
    public static extern int Begin(Mp3EncoderHandle encoder);

    [DllImport(Name, EntryPoint = "lame_encode_buffer_ieee_float")]
    public static extern int Encode(Mp3EncoderHandle encoder, float[] left, float[] right, int samples, byte[] output, int length);

    [DllImport(Name, EntryPoint = "lame_encode_flush")]
    public static extern int Flush(Mp3EncoderHandle encoder, byte[] output, int length);

    [DllImport(Name, EntryPoint = "lame_close")]
    public static extern int Destroy(nint encoder);
}
