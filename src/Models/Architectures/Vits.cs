using Inference.Models.Weights;
using Inference.Tensors;

namespace Inference.Models.Architectures;

/// <summary>
/// VITS (Kim, Kong, Son, 2021), the network of MMS and of Piper's voices, for synthesis: symbols to durations at once, frames and
/// samples piece by piece. Not thread-safe, as its backend is not.
/// </summary>
public sealed class Vits : IDisposable
{
    /// <summary>Frames that a text may have; 380 s at Piper's rates.</summary>
    public const int MaxFrames = 1 << 15;

    private const int MaxSymbolFrames = 2000, FlowPiece = 192;

    private readonly IBackend _backend;
    private readonly VitsWeights _weights;
    private readonly VitsTextEncoder _encoder;
    private readonly IVitsDurations _durations;
    private readonly VitsFlow _flow;
    private readonly VitsVocoder _vocoder;
    private readonly Tensor? _speakers;

    private Vits(VitsWeights weights, IBackend backend)
    {
        (_weights, _backend) = (weights, backend);
        VitsConfig config = weights.Config;
        weights.PlaceOn(backend);
        _encoder = new VitsTextEncoder(weights, backend);
        _durations = config.Durations.IsStochastic ? new VitsStochasticDurations(weights, backend) : new VitsPlainDurations(weights, backend);
        _flow = new VitsFlow(weights, backend);
        _vocoder = new VitsVocoder(weights, backend);
        _speakers = config.SpeakerSize > 0 ? weights.Place(weights.Matrix("embed_speaker.weight", config.Speakers, config.SpeakerSize)) : null;
    }

    /// <summary>Shape of the model.</summary>
    public VitsConfig Config => _weights.Config;

    /// <summary>Samples of a frame.</summary>
    public int FrameLength => Config.Vocoder.FrameLength;

    /// <summary>Opens a directory in Hugging Face's form, or the `.onnx` of a Piper voice.</summary>
    /// <exception cref="ModelFormatException">The files are damaged, incomplete, or not of a VITS model.</exception>
    public static Vits Load(string path, IBackend backend)
    {
        VitsWeights weights = VitsWeights.Open(path);
        try
        {
            return new Vits(weights, backend);
        }
        catch
        {
            weights.Dispose();
            throw;
        }
    }

    /// <summary>Reads a text: how long each symbol is, and how frames are distributed. The caller owns the result.</summary>
    /// <param name="symbols">Ids, at least one.</param>
    /// <param name="lengths">By symbol, a factor of its duration.</param>
    /// <param name="manner">How to speak.</param>
    /// <exception cref="ArgumentException">A symbol or the voice does not exist, or there are not as many lengths as symbols.</exception>
    /// <exception cref="InvalidOperationException">The model makes the text longer than <see cref="MaxFrames"/>.</exception>
    public VitsUtterance Encode(ReadOnlySpan<int> symbols, ReadOnlySpan<float> lengths, VitsManner manner)
    {
        if (symbols.IsEmpty || symbols.Length != lengths.Length)
        {
            throw new ArgumentException($"{symbols.Length} symbols have {lengths.Length} lengths", nameof(lengths));
        }

        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)manner.Speaker, (uint)Config.Speakers, nameof(manner));
        NormalNoise noise = new(manner.Seed);
        Tensor? speaker = _speakers?.Slice(manner.Speaker, 1);
        (Tensor hidden, Tensor statistics) = _encoder.Forward(symbols);
        using (hidden)
        using (statistics)
        {
            float[] logarithms = _durations.Predict(hidden, speaker, () => noise.Next() * manner.DurationNoiseScale);
            int[] durations = Durations(logarithms, lengths);
            using HostTensor means = _backend.ReadOnHost(statistics);
            return new VitsUtterance(_backend, durations, Expand(means.Tensor, durations, noise, manner.NoiseScale), speaker, _vocoder.Bias(speaker));
        }
    }

    /// <summary>
    /// The samples, -1 to 1, of frames [first, first + count): bit for bit those of the whole, for the frames on both sides that they
    /// depend on are computed again.
    /// </summary>
    /// <exception cref="ArgumentException">The frames are not the utterance's, or the samples not as many as theirs.</exception>
    public void Decode(VitsUtterance utterance, int first, int count, Span<float> samples)
    {
        if (first < 0 || count < 1 || count > utterance.Frames - first || samples.Length != count * FrameLength)
        {
            throw new ArgumentException($"{count} frames from {first} of {utterance.Frames} do not give {samples.Length} samples", nameof(samples));
        }

        int seen = Math.Min(utterance.Frames, first + count + Config.Vocoder.Reach);
        if (seen > utterance.Made)
        {
            // The first audio waits for no more than it needs; then longer pieces have less to compute twice.
            int end = utterance.Made == 0 ? seen : Math.Min(utterance.Frames, Math.Max(seen, utterance.Made + FlowPiece));
            _flow.Reverse(utterance.Prior, utterance.Speaker, utterance.Made, end, utterance.Latents);
            utterance.Made = end;
        }

        _vocoder.Forward(utterance.Latents, utterance.Bias, first, count, samples);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _encoder.Dispose();
        _durations.Dispose();
        _flow.Dispose();
        _vocoder.Dispose();
        _weights.Dispose();
    }

    private static int[] Durations(float[] logarithms, ReadOnlySpan<float> lengths)
    {
        int[] durations = new int[logarithms.Length];
        long frames = 0;
        for (int i = 0; i < durations.Length; i++)
        {
            double length = Math.Ceiling(Math.Exp(logarithms[i]) * lengths[i]);
            durations[i] = double.IsNaN(length)
                ? throw new InvalidOperationException($"the model gives symbol {i} no duration")
                : (int)Math.Min(length, MaxSymbolFrames);
            frames += durations[i];
        }

        return frames <= MaxFrames ? durations : throw new InvalidOperationException($"the model makes the text {frames} frames long; the limit is {MaxFrames}");
    }

    /// <summary>Each symbol's mean, as often as it has frames, and noise of its deviation.</summary>
    private static Tensor Expand(Tensor statistics, int[] durations, NormalNoise noise, float scale)
    {
        int width = statistics.Columns / 2, frame = 0;
        Tensor latents = Tensor.Allocate(Math.Max(1, durations.Sum()), width);
        for (int i = 0; i < durations.Length; i++)
        {
            ReadOnlySpan<float> means = statistics.Row(i)[..width], logarithms = statistics.Row(i)[width..];
            for (int n = 0; n < durations[i]; n++, frame++)
            {
                Span<float> row = latents.Row(frame);
                for (int c = 0; c < width; c++)
                {
                    row[c] = scale == 0 ? means[c] : means[c] + (noise.Next() * scale * MathF.Exp(logarithms[c]));
                }
            }
        }

        return latents;
    }
}
