using System.Runtime.Intrinsics;
using Inference.Tensors.Cpu.Emit;
using Inference.Tensors.Cpu.Panels;
using Inference.Tensors.Cpu.Simd;

namespace Inference.Tensors.Cpu;

/// <summary>
/// The operations on the processor's vector units, on the calling thread and threads - 1 persistent workers.
/// Results do not depend on the number of threads; they differ in the last bits between instruction sets.
/// </summary>
public sealed class CpuBackend : IBackend
{
    private readonly IBackend _simd;

    /// <summary>Starts a backend with the widest vectors of this processor.</summary>
    /// <param name="threads">Threads that work on an operation, the caller included; at least 1.</param>
    public CpuBackend(int threads)
        : this(threads, CpuFeatures.Best)
    {
    }

    /// <summary>Starts a backend with vectors of a chosen kind.</summary>
    /// <param name="threads">Threads that work on an operation, the caller included; at least 1.</param>
    /// <param name="isa">The instruction set.</param>
    /// <param name="emittedKernels">
    /// Kernels that are written at run time may be used, where the processor and the system have what they need (x86-64
    /// Linux with AVX-512). They are 1.5 to 2 times as fast as those of the compiler for BF16 and 8-bit products.
    /// </param>
    /// <exception cref="PlatformNotSupportedException">This processor does not have <paramref name="isa"/>.</exception>
    public CpuBackend(int threads, Isa isa, bool emittedKernels = true)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        if (!CpuFeatures.Supports(isa))
        {
            throw new PlatformNotSupportedException($"this processor does not have {isa}");
        }

        PanelFormats formats = new(isa, emittedKernels);
        _simd = isa switch
        {
            Isa.Avx512 => new SimdBackend<Simd512, Vector512<float>>(threads, formats),
            Isa.Avx2 => new SimdBackend<Simd256, Vector256<float>>(threads, formats),
            _ => new SimdBackend<Simd128, Vector128<float>>(threads, formats),
        };
        string[] emitted = isa == Isa.Avx512 && emittedKernels ? EmittedCode.Features : [];
        Name = $"cpu ({string.Join(", ", [isa.ToString().ToLowerInvariant(), .. emitted, threads == 1 ? "1 thread" : $"{threads} threads"])})";
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public int HostThreads => _simd.HostThreads;

    /// <inheritdoc/>
    public DType LowRankFormat => _simd.LowRankFormat;

    /// <inheritdoc/>
    public void Dispose() => _simd.Dispose();

    /// <inheritdoc/>
    public void RunOnHost(int count, Action<int, int> body) => _simd.RunOnHost(count, body);

    /// <inheritdoc/>
    public void Embedding(Tensor table, ReadOnlySpan<int> ids, Tensor y)
    {
        OperationShapes.Embedding(table, ids, y);
        _simd.Embedding(table, ids, y);
    }

    /// <inheritdoc/>
    public void EmbeddingBackward(ReadOnlySpan<int> ids, Tensor dy, Tensor dtable)
    {
        OperationShapes.EmbeddingBackward(ids, dy, dtable);
        _simd.EmbeddingBackward(ids, dy, dtable);
    }

    /// <inheritdoc/>
    public void Linear(Tensor x, Tensor w, Tensor? bias, Tensor y)
    {
        OperationShapes.Linear(x, w, bias, y);
        _simd.Linear(x, w, bias, y);
    }

    /// <inheritdoc/>
    public PreparedWeight Prepare(params ReadOnlySpan<Tensor> parts) => _simd.Prepare(parts);

    /// <inheritdoc/>
    public void Linear(Tensor x, PreparedWeight w, ReadOnlySpan<Tensor?> bias, ReadOnlySpan<Tensor> y)
    {
        OperationShapes.Linear(x, w, bias, y);
        _simd.Linear(x, w, bias, y);
    }

    /// <inheritdoc/>
    public void Linear(ReadOnlySpan<LinearProduct> products)
    {
        foreach (LinearProduct product in products)
        {
            OperationShapes.Linear(product.X, product.W, product.Bias, product.Y);
        }

        _simd.Linear(products);
    }

    /// <inheritdoc/>
    public void Linear(in LinearProduct product, LowRankChanges changes)
    {
        OperationShapes.Linear(product.X, product.W, product.Bias, product.Y);
        OperationShapes.Changes(product, changes);
        _simd.Linear(product, changes);
    }

    /// <inheritdoc/>
    public void AddLowRank(ReadOnlySpan<LowRankProduct> products)
    {
        foreach (LowRankProduct product in products)
        {
            OperationShapes.AddLowRank(product);
        }

        _simd.AddLowRank(products);
    }

    /// <inheritdoc/>
    public void LinearBackwardInput(Tensor dy, Tensor w, Tensor dx)
    {
        OperationShapes.LinearBackwardInput(dy, w, dx);
        _simd.LinearBackwardInput(dy, w, dx);
    }

    /// <inheritdoc/>
    public void LinearBackwardWeight(Tensor x, Tensor dy, Tensor dw, Tensor? dbias)
    {
        OperationShapes.LinearBackwardWeight(x, dy, dw, dbias);
        _simd.LinearBackwardWeight(x, dy, dw, dbias);
    }

    /// <inheritdoc/>
    public void RmsNorm(Tensor x, Tensor weight, float epsilon, Tensor y)
    {
        OperationShapes.RmsNorm(x, weight, y);
        _simd.RmsNorm(x, weight, epsilon, y);
    }

    /// <inheritdoc/>
    public void RmsNormBackward(Tensor x, Tensor weight, float epsilon, Tensor dy, Tensor dx, Tensor? dweight)
    {
        OperationShapes.RmsNormBackward(x, weight, dy, dx, dweight);
        _simd.RmsNormBackward(x, weight, epsilon, dy, dx, dweight);
    }

    /// <inheritdoc/>
    public void LayerNorm(Tensor x, Tensor weight, Tensor bias, float epsilon, Tensor y)
    {
        OperationShapes.LayerNorm(x, weight, bias, y);
        _simd.LayerNorm(x, weight, bias, epsilon, y);
    }

    /// <inheritdoc/>
    public void LayerNormBackward(Tensor x, Tensor weight, float epsilon, Tensor dy, Tensor dx, Tensor dweight, Tensor dbias)
    {
        OperationShapes.LayerNormBackward(x, weight, dy, dx, dweight, dbias);
        _simd.LayerNormBackward(x, weight, epsilon, dy, dx, dweight, dbias);
    }

    /// <inheritdoc/>
    public void Gelu(Tensor x, Tensor y)
    {
        OperationShapes.Elementwise(x, y);
        _simd.Gelu(x, y);
    }

    /// <inheritdoc/>
    public void GeluBackward(Tensor x, Tensor dy, Tensor dx)
    {
        OperationShapes.GeluBackward(x, dy, dx);
        _simd.GeluBackward(x, dy, dx);
    }

    /// <inheritdoc/>
    public void Add(Tensor x, Tensor y)
    {
        OperationShapes.Elementwise(x, y);
        _simd.Add(x, y);
    }

    /// <inheritdoc/>
    public void Scale(Tensor x, float factor)
    {
        Require.Float(x);
        _simd.Scale(x, factor);
    }

    /// <inheritdoc/>
    public void SoftCap(Tensor x, float cap)
    {
        OperationShapes.SoftCap(x, cap);
        _simd.SoftCap(x, cap);
    }

    /// <inheritdoc/>
    public void ScatterAddRows(Tensor x, ReadOnlySpan<int> rows, ReadOnlySpan<float> weights, Tensor y)
    {
        OperationShapes.ScatterAddRows(x, rows, weights, y);
        _simd.ScatterAddRows(x, rows, weights, y);
    }

    /// <inheritdoc/>
    public void Rotary(
        Tensor x, ReadOnlySpan<int> positions, Tensor cos, Tensor sin, int headDimension, RotaryStyle style, bool inverse = false)
    {
        OperationShapes.Rotary(x, positions, cos, sin, headDimension);
        _simd.Rotary(x, positions, cos, sin, headDimension, style, inverse);
    }

    /// <inheritdoc/>
    public void SwiGlu(Tensor gate, Tensor up, Tensor y)
    {
        OperationShapes.SwiGlu(gate, up, y);
        _simd.SwiGlu(gate, up, y);
    }

    /// <inheritdoc/>
    public void SwiGluBackward(Tensor gate, Tensor up, Tensor dy, Tensor dgate, Tensor dup)
    {
        OperationShapes.SwiGluBackward(gate, up, dy, dgate, dup);
        _simd.SwiGluBackward(gate, up, dy, dgate, dup);
    }

    /// <inheritdoc/>
    public void GeGlu(Tensor gate, Tensor up, Tensor y)
    {
        OperationShapes.SwiGlu(gate, up, y);
        _simd.GeGlu(gate, up, y);
    }

    /// <inheritdoc/>
    public PreparedConvolution PrepareConvolution(Tensor weight, int taps) => _simd.PrepareConvolution(weight, taps);

    /// <inheritdoc/>
    public void Convolution(Tensor x, PreparedConvolution w, Tensor? bias, ConvolutionOptions options, Tensor y)
    {
        OperationShapes.Convolution(x, w, bias, options, y);
        _simd.Convolution(x, w, bias, options, y);
    }

    /// <inheritdoc/>
    public void LeakyRelu(Tensor x, float slope, Tensor y)
    {
        OperationShapes.LeakyRelu(x, slope, y);
        _simd.LeakyRelu(x, slope, y);
    }

    /// <inheritdoc/>
    public void GatedTanh(Tensor x, Tensor y)
    {
        OperationShapes.GatedTanh(x, y);
        _simd.GatedTanh(x, y);
    }

    /// <inheritdoc/>
    public void WriteKv(Tensor k, Tensor v, KvCache cache, int layer, ReadOnlySpan<int> slots)
    {
        OperationShapes.WriteKv(k, v, cache, layer, slots);
        _simd.WriteKv(k, v, cache, layer, slots);
    }

    /// <inheritdoc/>
    public void PagedAttention(Tensor q, KvCache cache, int layer, ReadOnlySpan<AttentionSlice> slices, AttentionOptions options, Tensor y)
    {
        OperationShapes.PagedAttention(q, cache, layer, slices, options, y);
        _simd.PagedAttention(q, cache, layer, slices, options, y);
    }

    /// <inheritdoc/>
    public void CausalAttention(
        Tensor q, Tensor k, Tensor v, ReadOnlySpan<int> starts, int headDimension, float scale, Tensor y, Tensor logSumExp)
    {
        OperationShapes.CausalAttention(q, k, v, starts, headDimension, y, logSumExp);
        _simd.CausalAttention(q, k, v, starts, headDimension, scale, y, logSumExp);
    }

    /// <inheritdoc/>
    public void CausalAttentionBackward(
        Tensor q, Tensor k, Tensor v, Tensor y, Tensor logSumExp, Tensor dy, ReadOnlySpan<int> starts, int headDimension, float scale,
        Tensor dq, Tensor dk, Tensor dv)
    {
        OperationShapes.CausalAttentionBackward(q, k, v, y, logSumExp, dy, starts, headDimension, dq, dk, dv);
        _simd.CausalAttentionBackward(q, k, v, y, logSumExp, dy, starts, headDimension, scale, dq, dk, dv);
    }

    /// <inheritdoc/>
    public void FullAttention(
        Tensor q, Tensor k, Tensor v, ReadOnlySpan<int> queryStarts, ReadOnlySpan<int> keyStarts, int headDimension, float scale,
        Tensor y, Tensor logSumExp)
    {
        OperationShapes.FullAttention(q, k, v, queryStarts, keyStarts, headDimension, y, logSumExp);
        _simd.FullAttention(q, k, v, queryStarts, keyStarts, headDimension, scale, y, logSumExp);
    }

    /// <inheritdoc/>
    public void FullAttentionBackward(
        Tensor q, Tensor k, Tensor v, Tensor y, Tensor logSumExp, Tensor dy, ReadOnlySpan<int> queryStarts, ReadOnlySpan<int> keyStarts,
        int headDimension, float scale, Tensor dq, Tensor dk, Tensor dv)
    {
        OperationShapes.FullAttentionBackward(q, k, v, y, logSumExp, dy, queryStarts, keyStarts, headDimension, dq, dk, dv);
        _simd.FullAttentionBackward(q, k, v, y, logSumExp, dy, queryStarts, keyStarts, headDimension, scale, dq, dk, dv);
    }

    /// <inheritdoc/>
    public int CrossEntropy(Tensor logits, ReadOnlySpan<int> targets, ReadOnlySpan<float> weights, float scale, Span<double> losses)
    {
        OperationShapes.CrossEntropy(logits, targets, weights, losses);
        return _simd.CrossEntropy(logits, targets, weights, scale, losses);
    }

    /// <inheritdoc/>
    public void AdamW(
        Tensor parameter, Tensor gradient, Tensor m, Tensor v, float gradientScale,
        float learningRate, float beta1, float beta2, float epsilon, float weightDecay, int step)
    {
        OperationShapes.AdamW(parameter, gradient, m, v, step);
        _simd.AdamW(parameter, gradient, m, v, gradientScale, learningRate, beta1, beta2, epsilon, weightDecay, step);
    }

    /// <inheritdoc/>
    public double SumOfSquares(params ReadOnlySpan<Tensor> tensors)
    {
        foreach (Tensor x in tensors)
        {
            Require.Float(x);
        }

        return _simd.SumOfSquares(tensors);
    }
}
