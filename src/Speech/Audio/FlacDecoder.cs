using System.Buffers;

namespace Inference.Speech.Audio;

/// <summary>
/// FLAC (RFC 9639): constant, verbatim, fixed and linear-predictive subframes of 4 to 32 bits, with both Rice codings and all stereo
/// decorrelations. Checksums are checked: a damaged frame ends the decoding with an error that names it.
/// </summary>
internal sealed class FlacDecoder : IAudioDecoder
{
    private readonly ByteQueue _queue = new();
    private FlacStreamInfo? _info;
    private bool _begun;
    private bool _framesBegan;
    private int _skip;
    private int _tried;
    private long _frames;
    private long[][] _channels = [];

    public AudioFormat? Format => _info?.Format;

    public void Push(ReadOnlySpan<byte> bytes, IBufferWriter<float> output)
    {
        _queue.Append(bytes);
        while (!_framesBegan && ReadMetadata())
        {
            // Each round reads one block.
        }

        if (_framesBegan)
        {
            ReadFrames(output, isLast: false);
        }
    }

    public void Complete(IBufferWriter<float> output)
    {
        if (!_framesBegan)
        {
            throw new AudioFormatException("the FLAC stream ends within its metadata");
        }

        ReadFrames(output, isLast: true);
        if (_queue.Length > 0)
        {
            throw new AudioFormatException($"the FLAC stream ends within frame {_frames}");
        }
    }

    public void Dispose()
    {
    }

    private bool ReadMetadata()
    {
        int skipped = Math.Min(_skip, _queue.Length);
        _queue.Skip(skipped);
        _skip -= skipped;
        if (_skip > 0 || _queue.Length < 4)
        {
            return false;
        }

        ReadOnlySpan<byte> header = _queue.Peek(4);
        if (!_begun)
        {
            _begun = header.SequenceEqual("fLaC"u8) ? true : throw new AudioFormatException("a FLAC stream begins with \"fLaC\"");
            _queue.Skip(4);
            return true;
        }

        if (header[0] == 0xFF)
        {
            _framesBegan = _info is not null ? true : throw new AudioFormatException("the FLAC stream has frames before a STREAMINFO block");
            return false;
        }

        int type = header[0] & 0x7F;
        int length = (header[1] << 16) | (header[2] << 8) | header[3];
        if ((type == 0) != (_info is null))
        {
            throw new AudioFormatException("a FLAC stream has one STREAMINFO block, its first");
        }

        if (type == 0)
        {
            if (length != FlacStreamInfo.Length)
            {
                throw new AudioFormatException($"STREAMINFO of FLAC has {FlacStreamInfo.Length} bytes, not {length}");
            }

            if (_queue.Length < 4 + length)
            {
                return false;
            }

            _info = FlacStreamInfo.Parse(_queue.Peek(4 + length)[4..]);
            _channels = [.. Enumerable.Range(0, _info.Format.Channels).Select(_ => new long[_info.MaxBlock])];
        }

        _framesBegan = (header[0] & 0x80) != 0 && length == 0;
        bool last = (header[0] & 0x80) != 0;
        _queue.Skip(4);
        _skip = length;
        if (last)
        {
            // What follows the last block begins with the sync code of a frame.
            int now = Math.Min(_skip, _queue.Length);
            _queue.Skip(now);
            _skip -= now;
            _framesBegan = _skip == 0;
        }

        return true;
    }

    private void ReadFrames(IBufferWriter<float> output, bool isLast)
    {
        // A frame's length is not written anywhere: it is tried again once there is twice as much of it, so that the work stays linear.
        while (_queue.Length >= (isLast ? 1 : Math.Max(16, 2 * _tried)) || (_queue.Length >= _info!.MostFrameBytes && _queue.Length > _tried))
        {
            ReadOnlySpan<byte> bytes = _queue.Peek(_queue.Length);
            try
            {
                FlacFrame frame = FlacFrame.Read(bytes, _info!, _frames, _channels);
                Write(frame, output);
                _queue.Skip(frame.Bytes);
                _frames++;
                _tried = 0;
            }
            catch (EndOfStreamException)
            {
                if (isLast || _queue.Length > _info!.MostFrameBytes)
                {
                    throw new AudioFormatException($"frame {_frames} of the FLAC stream does not end");
                }

                _tried = _queue.Length;
            }
        }
    }

    private void Write(FlacFrame frame, IBufferWriter<float> output)
    {
        int channels = _info!.Format.Channels;
        float scale = 1f / (1L << (_info.BitsPerSample - 1));
        Span<float> samples = output.GetSpan(frame.Samples * channels);
        for (int c = 0; c < channels; c++)
        {
            for (int i = 0; i < frame.Samples; i++)
            {
                samples[(i * channels) + c] = _channels[c][i] * scale;
            }
        }

        output.Advance(frame.Samples * channels);
    }
}
