using Inference.Models.Layers;
using Inference.Tensors;

namespace Inference.Models.Lora;

/// <summary>
/// A frozen linear layer with an adapter that is trained: y = W x + s B A drop(x) + bias (Hu et al., LoRA, 2021), or with magnitudes
/// y = (m / |W + s B A|) ∘ (W x + s B A drop(x)) + bias, where the norms of the rows count as constants in the backward pass (Liu et
/// al., DoRA, 2024, 4.3). The base's weight has no gradient and may be of any format (QLoRA).
/// </summary>
public sealed class LoraLinear
{
    private readonly Linear _frozen;
    private readonly LoraParameters _parameters, _gradients;
    private readonly float _scale, _dropout;
    private readonly ulong _number;
    private double[]? _squaredNorms;

    /// <param name="frozen">The base's layer.</param>
    /// <param name="parameters">The adapter's tensors; read only.</param>
    /// <param name="gradients">Tensors of the same shapes, to which gradients are added.</param>
    /// <param name="scale">s, the factor of B A.</param>
    /// <param name="dropout">Share of the adapter's inputs that is dropped in training.</param>
    /// <param name="number">A number of this layer alone: with the same seed layers drop other inputs.</param>
    public LoraLinear(Linear frozen, LoraParameters parameters, LoraParameters gradients, float scale, float dropout, int number = 0)
    {
        (_frozen, _parameters, _gradients, _scale, _dropout, _number) = (frozen, parameters, gradients, scale, dropout, (ulong)number);
    }

    /// <summary>The adapter takes part; otherwise the layer is the base's.</summary>
    public bool IsEnabled { get; set; } = true;

    /// <summary>Rank of the adapter: layers of the same shape and rank can share activations in turn.</summary>
    public int Rank => _parameters.A.Rows;

    /// <summary>Room for batches of at most <paramref name="rows"/> rows.</summary>
    public LoraActivations CreateActivations(IBackend backend, int rows) => new(
        backend, rows, _frozen.Weight.Columns, _frozen.Weight.Rows, _parameters.A.Rows, _parameters.Magnitude is not null, _dropout > 0);

    /// <summary>x [T, in] to y [T, out]. Without <paramref name="dropoutSeed"/> nothing is dropped.</summary>
    public void Forward(IBackend backend, Tensor x, LoraActivations saved, ulong? dropoutSeed, Tensor y)
    {
        if (!IsEnabled)
        {
            _frozen.Forward(backend, x, y);
            return;
        }

        saved.DropoutSeed = _dropout > 0 && dropoutSeed is ulong given ? Dropout.Mix(Dropout.Mix(given) + _number) : null;
        bool hasMagnitude = _parameters.Magnitude is not null;
        Tensor product = hasMagnitude ? saved.Product!.Slice(0, x.Rows) : y;
        backend.Linear(x, _frozen.Weight, hasMagnitude ? null : _frozen.Bias, product);
        Tensor reduced = saved.Reduced.Slice(0, x.Rows), input = AdapterInput(x, saved);
        if (saved.DropoutSeed is ulong seed)
        {
            Dropout.Forward(backend, x, _dropout, seed, input);
        }

        backend.Linear(input, _parameters.A, null, reduced);
        backend.Scale(reduced, _scale);
        backend.LinearBackwardInput(reduced, _parameters.TransposedB, product);
        if (hasMagnitude)
        {
            FindNorms(backend, saved.Norms);
            ScaleColumns(backend, product, saved.Norms, _frozen.Bias, y);
        }
    }

    /// <summary>
    /// dx += the gradient of x; the adapter's gradients are added to. x is the input of the forward pass, dy [T, out].
    /// </summary>
    public void Backward(IBackend backend, Tensor x, Tensor dy, LoraActivations saved, Tensor dx)
    {
        Tensor reduced = saved.Reduced.Slice(0, x.Rows), dreduced = saved.ReducedGradient.Slice(0, x.Rows);
        Tensor dproduct = dy;
        if (_gradients.Magnitude is Tensor dmagnitude)
        {
            dproduct = saved.ProductGradient!.Slice(0, x.Rows);
            AddMagnitudeGradient(backend, saved.Product!, dy, saved.Norms, dmagnitude);
            ScaleColumns(backend, dy, saved.Norms, null, dproduct);
        }

        backend.LinearBackwardWeight(dproduct, reduced, _gradients.TransposedB, null);
        backend.Linear(dproduct, _parameters.TransposedB, null, dreduced);
        backend.Scale(dreduced, _scale);
        backend.LinearBackwardWeight(AdapterInput(x, saved), dreduced, _gradients.A, null);
        backend.LinearBackwardInput(dproduct, _frozen.Weight, dx);
        if (saved.DropoutSeed is not ulong seed)
        {
            backend.LinearBackwardInput(dreduced, _parameters.A, dx);
            return;
        }

        Tensor dinput = saved.InputGradient!.Slice(0, x.Rows);
        backend.Clear(dinput);
        backend.LinearBackwardInput(dreduced, _parameters.A, dinput);
        Dropout.Backward(backend, dinput, _dropout, seed, dx);
    }

    private static Tensor AdapterInput(Tensor x, LoraActivations saved) =>
        saved.DropoutSeed is null ? x : saved.Dropped!.Slice(0, x.Rows);

    /// <summary>|W + s B A| by row, from |W|², W Aᵀ and A Aᵀ: the changed weight itself is never made.</summary>
    private void FindNorms(IBackend backend, float[] norms)
    {
        int rank = _parameters.A.Rows, outputs = norms.Length;
        double[] squaredNorms = _squaredNorms ??= SquaredNorms(backend);
        using Tensor crossed = backend.Allocate(rank, outputs), gram = backend.Allocate(rank, rank);
        backend.Linear(_parameters.A, _frozen.Weight, null, crossed);
        backend.Linear(_parameters.A, _parameters.A, null, gram);
        using HostTensor hostB = backend.ReadOnHost(_parameters.TransposedB), hostCrossed = backend.ReadOnHost(crossed), hostGram = backend.ReadOnHost(gram);
        ReadOnlySpan<float> b = hostB.Span, wa = hostCrossed.Span, aa = hostGram.Span;
        for (int o = 0; o < outputs; o++)
        {
            double once = 0, twice = 0;
            for (int k = 0; k < rank; k++)
            {
                double inner = 0;
                for (int l = 0; l < rank; l++)
                {
                    inner += (double)aa[(k * rank) + l] * b[(l * outputs) + o];
                }

                once += (double)wa[(k * outputs) + o] * b[(k * outputs) + o];
                twice += inner * b[(k * outputs) + o];
            }

            norms[o] = (float)Math.Sqrt(Math.Max(0, squaredNorms[o] + (2 * _scale * once) + ((double)_scale * _scale * twice)));
        }
    }

    private double[] SquaredNorms(IBackend backend)
    {
        using HostTensor weight = backend.ReadOnHost(_frozen.Weight);
        Tensor rows = weight.Tensor;
        return [.. Enumerable.Range(0, rows.Rows).Select(row => LoraParameters.SquaredNorm(rows, row))];
    }

    /// <summary>y = magnitude / norm ∘ x + bias, by column; y may be x. A row of zeros has the factor 0.</summary>
    private void ScaleColumns(IBackend backend, Tensor x, float[] norms, Tensor? bias, Tensor y)
    {
        using HostTensor hostX = backend.ReadOnHost(x), hostY = backend.WriteOnHost(y), magnitudes = backend.ReadOnHost(_parameters.Magnitude!);
        using HostTensor biases = backend.ReadOnHost(bias ?? _parameters.Magnitude!);
        ReadOnlySpan<float> magnitude = magnitudes.Span, offsets = bias is null ? [] : biases.Span;
        for (int t = 0; t < x.Rows; t++)
        {
            ReadOnlySpan<float> source = hostX.Row(t);
            Span<float> target = hostY.Row(t);
            for (int o = 0; o < target.Length; o++)
            {
                target[o] = ((norms[o] > 0 ? magnitude[o] / norms[o] : 0) * source[o]) + (offsets.IsEmpty ? 0 : offsets[o]);
            }
        }
    }

    private static void AddMagnitudeGradient(IBackend backend, Tensor product, Tensor dy, float[] norms, Tensor dmagnitude)
    {
        using HostTensor products = backend.ReadOnHost(product), slopes = backend.ReadOnHost(dy), change = backend.ChangeOnHost(dmagnitude);
        double[] sums = new double[norms.Length];
        for (int t = 0; t < dy.Rows; t++)
        {
            ReadOnlySpan<float> slope = slopes.Row(t), value = products.Row(t);
            for (int o = 0; o < sums.Length; o++)
            {
                sums[o] += (double)slope[o] * value[o];
            }
        }

        Span<float> gradient = change.Span;
        for (int o = 0; o < sums.Length; o++)
        {
            gradient[o] += norms[o] > 0 ? (float)(sums[o] / norms[o]) : 0;
        }
    }
}
