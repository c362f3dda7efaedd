using Inference.Models.Layers;
using Inference.Models.Rotary;
using Inference.Tensors;

namespace Inference.Models.Architectures;

/// <summary>The rotary embeddings of a decoder's layers, in tables that grow with use, so that a long context costs nothing until it is needed.</summary>
internal sealed class DecoderPositions : IDisposable
{
    private const int FirstRows = 256;

    private readonly IBackend _backend;
    private readonly ModelConfig _config;
    private readonly RotaryStyle _style;
    private readonly RotaryAngles _angles;
    private readonly RotaryAngles? _slidingAngles;
    private RotaryEmbedding _rotary;
    private RotaryEmbedding? _slidingRotary;

    public DecoderPositions(IBackend backend, ModelConfig config, RotaryStyle style)
    {
        _backend = backend;
        _config = config;
        _style = style;
        _angles = RotaryAngles.Of(config);
        _slidingAngles = config is { SlidingWindow: not null, LocalRopeTheta: not null } ? RotaryAngles.OfSlidingLayers(config) : null;
        int rows = Math.Min(FirstRows, config.ContextLength);
        _rotary = Table(_angles, rows);
        _slidingRotary = _slidingAngles is null ? null : Table(_slidingAngles, rows);
    }

    /// <summary>The rotary embedding of a layer, or null.</summary>
    public RotaryEmbedding? Rotary(int layer) => !_config.Rotates(layer) ? null : _config.Slides(layer) ? _slidingRotary ?? _rotary : _rotary;

    /// <summary>Grows the tables; true where that gave them other memory.</summary>
    /// <exception cref="ArgumentException">A position is beyond the context.</exception>
    public bool Cover(ReadOnlySpan<int> positions)
    {
        int needed = 0;
        foreach (int position in positions)
        {
            needed = Math.Max(needed, position + 1);
        }

        if (needed > _config.ContextLength)
        {
            throw new ArgumentException($"position {needed - 1} is beyond the context of {_config.ContextLength} tokens", nameof(positions));
        }

        bool grows = needed > _rotary.Cos.Rows;
        if (grows)
        {
            int rows = (int)Math.Min(_config.ContextLength, Math.Max(needed, 2L * _rotary.Cos.Rows));
            Dispose();
            _rotary = Table(_angles, rows);
            _slidingRotary = _slidingAngles is null ? null : Table(_slidingAngles, rows);
        }

        return grows;
    }

    public void Dispose()
    {
        _rotary.Dispose();
        _slidingRotary?.Dispose();
    }

    private RotaryEmbedding Table(RotaryAngles angles, int rows) => new(_backend, rows, _config.HeadDimension, angles, _style);
}
