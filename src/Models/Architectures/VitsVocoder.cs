using Inference.Models.Layers;
using Inference.Models.Weights;
using Inference.Tensors;

namespace Inference.Models.Architectures;

/// <summary>Latent frames to samples: HiFi-GAN's generator (Kong, Kim, Bae, 2020), stages of upsampling and residual blocks whose mean goes on.</summary>
internal sealed class VitsVocoder : IDisposable
{
    /// <summary>Taps of the first and the last convolution.</summary>
    public const int EdgeTaps = 7;

    private const float LastSlope = 0.01f;

    private readonly IBackend _backend;
    private readonly VitsVocoderConfig _config;
    private readonly Convolution _pre, _post;
    private readonly Convolution? _condition;
    private readonly (TransposedConvolution Up, VitsResidualBlock[] Blocks)[] _stages;
    private readonly Workspace _work;

    public VitsVocoder(VitsWeights weights, IBackend backend)
    {
        VitsVocoderConfig config = weights.Config.Vocoder;
        (_backend, _config, _work) = (backend, config, new Workspace(backend, 5));
        _pre = weights.Convolution(backend, "decoder.conv_pre", config.Channels, weights.Config.FlowSize, EdgeTaps);
        _condition = weights.Config.SpeakerSize > 0 ? weights.Convolution(backend, "decoder.cond", config.Channels, weights.Config.SpeakerSize, 1) : null;
        _stages = [.. Enumerable.Range(0, config.Rates.Length).Select(stage => (
            weights.Upsampler(backend, $"decoder.upsampler.{stage}", config.Channels >> stage, config.Channels >> (stage + 1), config.UpsampleTaps[stage], config.Rates[stage]),
            config.BlockTaps.Select((taps, block) => new VitsResidualBlock(
                weights, backend, $"decoder.resblocks.{(stage * config.BlockTaps.Length) + block}.", config.Channels >> (stage + 1), taps, config.BlockDilations[block])).ToArray()))];
        _post = weights.Convolution(backend, "decoder.conv_post", 1, config.Channels >> config.Rates.Length, EdgeTaps, hasBias: false);
    }

    /// <summary>The first convolution's bias [1, channels] with a voice's offset. The caller owns it.</summary>
    public Tensor Bias(Tensor? speaker)
    {
        using Tensor offset = _backend.Allocate(1, _config.Channels);
        if (_condition is not null && speaker is not null)
        {
            _condition.Forward(speaker, offset);
        }

        return VitsSpeaker.Bias(_backend, _pre.Bias, offset);
    }

    /// <summary>
    /// The samples of frames [first, first + count) of a text. Each stage works on the rows alone that these depend on.
    /// </summary>
    /// <param name="frames">All frames of the text, [T, flow]; those within the config's reach of the wanted ones are read.</param>
    /// <param name="bias">Of the first convolution.</param>
    /// <param name="first">The first frame wanted.</param>
    /// <param name="count">Frames wanted.</param>
    /// <param name="samples">As many as these frames have.</param>
    public void Forward(Tensor frames, Tensor bias, int first, int count, Span<float> samples)
    {
        int start = Math.Max(0, first - _config.Reach), rows = Math.Min(frames.Rows, first + count + _config.Reach) - start, channels = _config.Channels, scale = 1;
        Tensor x = _work.Get(0, rows, channels);
        _pre.Forward(frames.Slice(start, rows), bias, x);
        for (int stage = 0; stage < _stages.Length; stage++)
        {
            (TransposedConvolution up, VitsResidualBlock[] blocks) = _stages[stage];
            (x, start) = Trim(x, start, stage);
            (rows, channels, scale) = (x.Rows * _config.Rates[stage], channels / 2, scale * _config.Rates[stage]);
            start *= _config.Rates[stage];
            Tensor raised = _work.Get(1, rows, channels);
            _backend.LeakyRelu(x, _config.Slope, x);
            up.Forward(x, raised);
            x = _work.Get(0, rows, channels);
            Tensor block = _work.Get(2, rows, channels), active = _work.Get(3, rows, channels), inner = _work.Get(4, rows, channels);
            for (int i = 0; i < blocks.Length; i++)
            {
                Tensor target = i == 0 ? x : block;
                _backend.Copy(raised, target);
                blocks[i].Forward(target, active, inner);
                if (i > 0)
                {
                    _backend.Add(block, x);
                }
            }

            _backend.Scale(x, 1f / blocks.Length);
        }

        (x, start) = Trim(x, start, _stages.Length);
        _backend.LeakyRelu(x, LastSlope, x);
        Tensor wave = _work.Get(1, x.Rows, 1);
        _post.Forward(x, wave);
        using HostTensor host = _backend.ReadOnHost(wave.Slice((first * scale) - start, samples.Length));
        ReadOnlySpan<float> heard = host.Span;
        for (int i = 0; i < samples.Length; i++)
        {
            samples[i] = MathF.Tanh(heard[i]);
        }

        // The ends of the text, where convolutions see zeros, are never cut off.
        (Tensor Rows, int Start) Trim(Tensor held, int heldStart, int stage)
        {
            int reach = _config.ReachBefore(stage);
            int from = Math.Max(heldStart, (first * scale) - reach), to = Math.Min(heldStart + held.Rows, ((first + count) * scale) + reach);
            return (held.Slice(from - heldStart, to - from), from);
        }
    }

    public void Dispose()
    {
        _work.Dispose();
        _pre.Dispose();
        _post.Dispose();
        _condition?.Dispose();
        foreach ((TransposedConvolution up, VitsResidualBlock[] blocks) in _stages)
        {
            up.Dispose();
            Array.ForEach(blocks, block => block.Dispose());
        }
    }
}
