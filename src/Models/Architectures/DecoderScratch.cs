using Inference.Tensors;

namespace Inference.Models.Architectures;

/// <summary>The activations of one step, reused by the next; they grow to the largest step seen.</summary>
internal sealed class DecoderScratch(ModelConfig config) : IDisposable
{
    private Tensor[] _storage = [];
    private Tensor[] _step = [];

    /// <summary>Rows of the step.</summary>
    public int Rows { get; private set; } = -1;

    /// <summary>The residual stream, [T, hidden].</summary>
    public Tensor Residual => _step[0];

    /// <summary>The input of a layer after its norm, [T, hidden].</summary>
    public Tensor Normed => _step[1];

    /// <summary>The output of a layer, to be added to the residual stream, [T, hidden].</summary>
    public Tensor Change => _step[2];

    /// <summary>[T, heads * headDimension].</summary>
    public Tensor Query => _step[3];

    /// <summary>[T, kvHeads * headDimension].</summary>
    public Tensor Key => _step[4];

    /// <summary>[T, kvHeads * headDimension].</summary>
    public Tensor Value => _step[5];

    /// <summary>What the heads gathered, [T, heads * headDimension].</summary>
    public Tensor Attended => _step[6];

    /// <summary>[T, intermediate], of an expert where there are any.</summary>
    public Tensor Gated => _step[7];

    /// <summary>[T, intermediate], of an expert where there are any.</summary>
    public Tensor Raised => _step[8];

    /// <summary>The router's scores, [T, experts].</summary>
    public Tensor Routed => _step[9];

    /// <summary>The rows of an expert's tokens, [T, hidden]; of width 0 without experts.</summary>
    public Tensor Gathered => _step[10];

    /// <summary>An expert's answers, [T, hidden]; of width 0 without experts.</summary>
    public Tensor Answer => _step[11];

    /// <summary>Makes all tensors have <paramref name="rows"/> rows.</summary>
    public void Resize(int rows)
    {
        if (rows == Rows)
        {
            return;
        }

        if (_storage.Length == 0 || rows > _storage[0].Rows)
        {
            Free();
            int d = config.HiddenSize, q = config.HeadCount * config.HeadDimension, kv = config.KvHeadCount * config.HeadDimension;
            int inner = config.Experts?.IntermediateSize ?? config.IntermediateSize, gathered = config.Experts is null ? 0 : d;
            int[] columns = [d, d, d, q, kv, kv, q, inner, inner, config.Experts?.Count ?? 0, gathered, gathered];
            _storage = Array.ConvertAll(columns, c => Tensor.Allocate(rows, c));
        }

        Array.ForEach(_step, tensor => tensor.Dispose());
        _step = Array.ConvertAll(_storage, tensor => tensor.Slice(0, rows));
        Rows = rows;
    }

    public void Dispose() => Free();

    private void Free() => Array.ForEach(_storage, tensor => tensor.Dispose());
}
