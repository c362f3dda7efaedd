using System.Buffers;

namespace Inference.Speech.Audio;

/// <summary>Bytes of any encoding, in pieces, to one channel at one rate. Not thread-safe.</summary>
/// <param name="decoder">Reads the bytes; owned from here on.</param>
/// <param name="sampleRate">Hertz of what is wanted.</param>
/// <param name="channel">The channel to take; null takes the mean of all.</param>
public sealed class MonoReader(IAudioDecoder decoder, int sampleRate, int? channel = null) : IDisposable
{
    private readonly ArrayBufferWriter<float> _decoded = new();
    private readonly ArrayBufferWriter<float> _mono = new();
    private readonly List<float> _partial = [];
    private Resampler? _resampler;

    /// <summary>What the bytes say of themselves; null until they have.</summary>
    public AudioFormat? Source => decoder.Format;

    /// <summary>Takes the next bytes, and appends what samples they give.</summary>
    /// <exception cref="AudioFormatException">The bytes cannot be read.</exception>
    public void Push(ReadOnlySpan<byte> bytes, IBufferWriter<float> output)
    {
        decoder.Push(bytes, _decoded);
        Convert(output);
    }

    /// <summary>Ends the audio, and appends the last samples.</summary>
    /// <exception cref="AudioFormatException">It ends too early.</exception>
    public void Complete(IBufferWriter<float> output)
    {
        decoder.Complete(_decoded);
        Convert(output);
        _resampler?.Complete(output);
    }

    /// <summary>Frees the decoder.</summary>
    public void Dispose() => decoder.Dispose();

    private void Convert(IBufferWriter<float> output)
    {
        if (decoder.Format is not { } format)
        {
            return;
        }

        if (channel >= format.Channels)
        {
            throw new AudioFormatException($"channel {channel} is wanted of audio with {format.Channels}");
        }

        _partial.AddRange(_decoded.WrittenSpan);
        _decoded.ResetWrittenCount();
        int whole = _partial.Count - (_partial.Count % format.Channels);
        ChannelMix.ToMono(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_partial)[..whole], format.Channels, channel, _mono);
        _partial.RemoveRange(0, whole);
        _resampler ??= new Resampler(format.SampleRate, sampleRate);
        _resampler.Push(_mono.WrittenSpan, output);
        _mono.ResetWrittenCount();
    }
}
