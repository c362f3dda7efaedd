using Inference.Models.Weights;
using Inference.Tensors;

namespace Inference.Models.Architectures;

/// <summary>
/// OpenAI's speech recogniser (Radford et al., 2022), all sizes: an encoder of log-mel frames, and a decoder of tokens that
/// attends to it. Not thread-safe, as its backend is not.
/// </summary>
public sealed class Whisper : IDisposable
{
    private readonly IBackend _backend;
    private readonly WhisperWeights _weights;
    private readonly WhisperEncoder _encoder;
    private readonly WhisperDecoderWeights _decoder;

    private Whisper(WhisperWeights weights, IBackend backend)
    {
        (_weights, _backend) = (weights, backend);
        weights.PlaceOn(backend);
        _encoder = new WhisperEncoder(weights, backend);
        _decoder = new WhisperDecoderWeights(weights, backend);
    }

    /// <summary>Shape of the model.</summary>
    public WhisperConfig Config => _weights.Config;

    /// <summary>The bytes of the text tokens, where the model is a file of whisper.cpp; null for a directory, which has tokenizer.json.</summary>
    public IReadOnlyList<byte[]>? Tokens => _weights.Ggml?.Tokens;

    /// <summary>Opens a directory in Hugging Face's form, or a file of whisper.cpp.</summary>
    /// <exception cref="ModelFormatException">The files are damaged, incomplete, or not of a Whisper model.</exception>
    public static Whisper Load(string path, IBackend backend)
    {
        WhisperWeights weights = WhisperWeights.Open(path);
        try
        {
            return new Whisper(weights, backend);
        }
        catch
        {
            weights.Dispose();
            throw;
        }
    }

    /// <summary>
    /// The states [rows, d] of clips, 20 ms each. mel [frames, mels] has clip s from starts[s] to starts[s + 1], at most
    /// <see cref="WhisperConfig.MaxFrames"/> each, in the host's memory; n frames give (n + 1) / 2 rows, in the backend's. The caller owns the result.
    /// </summary>
    /// <exception cref="ArgumentException">A clip is empty or too long, or the frames have other channels.</exception>
    public Tensor Encode(Tensor mel, params ReadOnlySpan<int> starts)
    {
        if (mel.Columns != Config.MelCount)
        {
            throw new ArgumentException($"mel must have {Config.MelCount} columns: it is {mel}", nameof(mel));
        }

        for (int s = 0; s + 1 < starts.Length; s++)
        {
            if (starts[s + 1] - starts[s] < 1 || starts[s + 1] - starts[s] > Config.MaxFrames)
            {
                throw new ArgumentException($"clip {s} has {starts[s + 1] - starts[s]} frames, not 1 to {Config.MaxFrames}", nameof(starts));
            }
        }

        return _encoder.Forward(mel, starts);
    }

    /// <summary>A decoder of that many streams at once.</summary>
    /// <param name="slots">Streams.</param>
    /// <param name="cacheType">Number format of keys and values: F32, F16, BF16 or Q8_0.</param>
    public WhisperDecoder CreateDecoder(int slots, DType cacheType = DType.F16) => new(Config, _decoder, _backend, slots, cacheType);

    /// <inheritdoc/>
    public void Dispose()
    {
        _encoder.Dispose();
        _decoder.Dispose();
        _weights.Dispose();
    }
}
