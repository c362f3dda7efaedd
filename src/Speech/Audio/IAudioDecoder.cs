using System.Buffers;

namespace Inference.Speech.Audio;

/// <summary>Turns bytes, in pieces of any size, into samples. Memory is bounded by a frame of the encoding. Not thread-safe.</summary>
public interface IAudioDecoder : IDisposable
{
    /// <summary>Rate and channels; null until enough of the header has come.</summary>
    AudioFormat? Format { get; }

    /// <summary>Takes the next bytes and appends the samples they give, interleaved, from -1 to 1.</summary>
    /// <exception cref="AudioFormatException">The bytes are not what the encoding says.</exception>
    void Push(ReadOnlySpan<byte> bytes, IBufferWriter<float> output);

    /// <summary>Ends the audio and appends what is left.</summary>
    /// <exception cref="AudioFormatException">It ends before its header does, or within a frame.</exception>
    void Complete(IBufferWriter<float> output);
}
