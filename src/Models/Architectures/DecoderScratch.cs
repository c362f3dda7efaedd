using Inference.Tensors;

namespace Inference.Models.Architectures;

/// <summary>The activations of one step, reused by the next; they grow to the largest step seen.</summary>
internal sealed class DecoderScratch(IBackend backend, ModelConfig config) : IDisposable
{
    /// <summary>Tokens that go through the experts at once, which bounds the memory for their rows.</summary>
    public const int ExpertTokens = 512;

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

    /// <summary>[T, intermediate] of a dense layer.</summary>
    public Tensor Gated => _step[7];

    /// <summary>[T, intermediate] of a dense layer.</summary>
    public Tensor Raised => _step[8];

    /// <summary>The router's scores, [T, experts].</summary>
    public Tensor Routed => _step[9];

    /// <summary>The rows of all experts' tokens, expert by expert, [min(T, ExpertTokens) * expertsPerToken, hidden].</summary>
    public Tensor Gathered => _step[10];

    /// <summary>The experts' answers, like <see cref="Gathered"/>.</summary>
    public Tensor Answers => _step[11];

    /// <summary>Rows as in <see cref="Gathered"/>, [., intermediate of an expert].</summary>
    public Tensor ExpertGated => _step[12];

    /// <summary>Rows as in <see cref="Gathered"/>, [., intermediate of an expert].</summary>
    public Tensor ExpertRaised => _step[13];

    /// <summary>Makes all tensors have as many rows as a step of <paramref name="rows"/> tokens needs; true where that gave them other memory.</summary>
    public bool Resize(int rows)
    {
        if (rows == Rows)
        {
            return false;
        }

        bool grows = _storage.Length == 0 || rows > _storage[0].Rows;
        if (grows)
        {
            Free();
            _storage = Array.ConvertAll(Shapes(rows), shape => backend.Allocate(shape.Rows, shape.Columns));
        }

        Array.ForEach(_step, tensor => tensor.Dispose());
        _step = [.. _storage.Zip(Shapes(rows), (tensor, shape) => tensor.Slice(0, shape.Rows))];
        Rows = rows;
        return grows;
    }

    public void Dispose() => Free();

    private (int Rows, int Columns)[] Shapes(int rows)
    {
        int d = config.HiddenSize, q = config.HeadCount * config.HeadDimension, kv = config.KvHeadCount * config.HeadDimension;
        int dense = config.Experts is null ? config.IntermediateSize : 0;
        (int count, int inner) = (config.Experts?.Count ?? 0, config.Experts?.IntermediateSize ?? 0);
        int gathered = Math.Min(rows, ExpertTokens) * (config.Experts?.PerToken ?? 0);
        return
        [
            (rows, d), (rows, d), (rows, d), (rows, q), (rows, kv), (rows, kv), (rows, q), (rows, dense), (rows, dense),
            (rows, count), (gathered, d), (gathered, d), (gathered, inner), (gathered, inner),
        ];
    }

    private void Free() => Array.ForEach(_storage, tensor => tensor.Dispose());
}
