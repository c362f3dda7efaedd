using System.Buffers;

namespace Inference.Speech.Audio;

/// <summary>One channel of samples to the bytes of one encoding, in pieces. Not thread-safe.</summary>
internal interface IAudioEncoder : IDisposable
{
    /// <summary>Appends the bytes that are certain after these samples, from -1 to 1.</summary>
    void Write(ReadOnlySpan<float> samples, IBufferWriter<byte> output);

    /// <summary>Appends the last bytes.</summary>
    void Complete(IBufferWriter<byte> output);
}
