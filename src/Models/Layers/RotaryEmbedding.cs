using Inference.Models.Rotary;
using Inference.Tensors;

namespace Inference.Models.Layers;

/// <summary>
/// Rotary position embedding (Su et al., RoFormer, 2021): the tables of angles, and the rotation of queries and keys.
/// </summary>
public sealed class RotaryEmbedding : IDisposable
{
    private readonly int _headDimension;
    private readonly RotaryStyle _style;

    /// <summary>Computes the tables of <paramref name="positions"/> positions for heads that are rotated whole.</summary>
    /// <exception cref="ArgumentException">The head dimension is odd.</exception>
    public RotaryEmbedding(IBackend backend, int positions, int headDimension, float theta, RopeScaling? scaling = null, RotaryStyle style = RotaryStyle.HalfSplit)
        : this(backend, positions, headDimension, new RotaryAngles(headDimension, theta, scaling), style)
    {
    }

    /// <summary>Computes the tables of <paramref name="positions"/> positions.</summary>
    public RotaryEmbedding(IBackend backend, int positions, int headDimension, RotaryAngles angles, RotaryStyle style = RotaryStyle.HalfSplit)
    {
        _headDimension = headDimension;
        _style = style;
        Tensor cos = Tensor.Allocate(positions, angles.Pairs), sin = Tensor.Allocate(positions, angles.Pairs);
        for (int p = 0; p < positions; p++)
        {
            angles.Fill(p, cos.Row(p), sin.Row(p));
        }

        (Cos, Sin) = (backend.Place(cos), backend.Place(sin));
    }

    /// <summary>Cosines of the angles, [positions, rotated elements / 2].</summary>
    public Tensor Cos { get; }

    /// <summary>Sines of the angles, [positions, rotated elements / 2].</summary>
    public Tensor Sin { get; }

    /// <summary>Rotates the heads of x [T, heads * headDimension] in place; row t is at positions[t].</summary>
    public void Forward(IBackend backend, Tensor x, ReadOnlySpan<int> positions) =>
        backend.Rotary(x, positions, Cos, Sin, _headDimension, _style);

    /// <summary>Turns the gradient of the rotated heads into the gradient of the heads, in place: a rotation by the negative angle.</summary>
    public void Backward(IBackend backend, Tensor dx, ReadOnlySpan<int> positions) =>
        backend.Rotary(dx, positions, Cos, Sin, _headDimension, _style, inverse: true);

    /// <inheritdoc/>
    public void Dispose()
    {
        Cos.Dispose();
        Sin.Dispose();
    }
}
