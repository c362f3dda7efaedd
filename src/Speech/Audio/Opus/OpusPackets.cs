namespace Inference.Speech.Audio.Opus;

/// <summary>Decodes the packets of one Opus stream to interleaved samples at 48 kHz.</summary>
internal sealed class OpusPackets : IDisposable
{
    private readonly OpusDecoderHandle _decoder;
    private readonly int _channels;
    private readonly float[] _samples;
    private long _packet;

    /// <param name="channels">Channels.</param>
    /// <param name="streams">Opus streams in a packet.</param>
    /// <param name="coupled">Those of them that are stereo; they come first.</param>
    /// <param name="mapping">Of each channel: which decoded one it is; 255 is silence.</param>
    /// <exception cref="AudioFormatException">libopus is not installed, or refuses the mapping.</exception>
    public OpusPackets(int channels, int streams, int coupled, byte[] mapping)
    {
        OpusLibrary.Require();
        _channels = channels;
        _samples = new float[channels * OpusLibrary.LongestPacket];
        _decoder = OpusLibrary.CreateDecoder(OpusLibrary.Rate, channels, streams, coupled, mapping, out int error);
        if (error != 0)
        {
            throw new AudioFormatException($"Opus with {channels} channels in {streams} streams, {coupled} of them stereo, cannot be decoded (error {error})");
        }
    }

    /// <summary>The samples of a packet; valid until the next call.</summary>
    public ReadOnlySpan<float> Decode(byte[] packet, int length)
    {
        int frames = OpusLibrary.Decode(_decoder, packet, length, _samples, OpusLibrary.LongestPacket, 0);
        if (frames < 0)
        {
            throw new AudioFormatException($"Opus packet {_packet} of {length} bytes is damaged (error {frames})");
        }

        _packet++;
        return _samples.AsSpan(0, frames * _channels);
    }

    public void Dispose() => _decoder.Dispose();
}
