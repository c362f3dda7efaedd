using Inference.Tensors;

namespace Inference.Models.Architectures;

/// <summary>
/// Tokens of many streams to logits in one batch. A stream has a slot: its tokens' keys and values, and those of its clip, which
/// <see cref="Begin"/> computes once.
/// </summary>
public sealed class WhisperDecoder : IDisposable
{
    private const int BlockLength = 32;

    private readonly IBackend _backend;
    private readonly WhisperConfig _config;
    private readonly WhisperDecoderWeights _weights;
    private readonly KvCache _tokens, _clips;
    private readonly int[][] _tokenBlocks, _clipBlocks;
    private readonly int[] _clipLengths;
    private readonly Workspace _work;

    internal WhisperDecoder(WhisperConfig config, WhisperDecoderWeights weights, IBackend backend, int slots, DType cacheType)
    {
        (_backend, _config, _weights, _work) = (backend, config, weights, new Workspace(backend, 7));
        int headDimension = config.HiddenSize / config.DecoderHeads;
        int tokenBlocks = (config.TextContext + BlockLength - 1) / BlockLength, clipBlocks = (config.AudioContext + BlockLength - 1) / BlockLength;
        _tokens = backend.CreateKvCache(config.DecoderLayers, slots * tokenBlocks, BlockLength, config.DecoderHeads, headDimension, cacheType);
        _clips = backend.CreateKvCache(config.DecoderLayers, slots * clipBlocks, BlockLength, config.DecoderHeads, headDimension, cacheType);
        _tokenBlocks = [.. Enumerable.Range(0, slots).Select(s => Enumerable.Range(s * tokenBlocks, tokenBlocks).ToArray())];
        _clipBlocks = [.. Enumerable.Range(0, slots).Select(s => Enumerable.Range(s * clipBlocks, clipBlocks).ToArray())];
        _clipLengths = new int[slots];
    }

    /// <summary>Streams that can be decoded at once.</summary>
    public int Slots => _clipLengths.Length;

    /// <summary>Room for the logits of at most <paramref name="rows"/> tokens: <see cref="Forward"/> writes them, the host reads them.</summary>
    public Readback CreateLogits(int rows) => _backend.CreateReadback(rows, _config.VocabularySize);

    /// <summary>Gives a slot the states of a clip, [1 to the audio context, d]; its tokens begin anew.</summary>
    public void Begin(int slot, Tensor encoded)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(encoded.Rows, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(encoded.Rows, _config.AudioContext);
        _clipLengths[slot] = encoded.Rows;
        int[] places = [.. Enumerable.Range(0, encoded.Rows).Select(p => Place(_clipBlocks[slot], p))];
        using Tensor keys = _backend.Allocate(encoded.Rows, _config.HiddenSize), values = _backend.Allocate(encoded.Rows, _config.HiddenSize);
        for (int layer = 0; layer < _weights.Layers.Length; layer++)
        {
            _weights.Layers[layer].Cross.KeyValue!.Forward(encoded, keys, values);
            _backend.WriteKv(keys, values, _clips, layer, places);
        }
    }

    /// <summary>
    /// Logits [steps, vocabulary] of each step's last token, or [tokens, vocabulary] of all tokens, in order, where the tensor
    /// has so many rows.
    /// </summary>
    /// <param name="steps">Each of another slot.</param>
    /// <param name="logits">Receives the logits.</param>
    /// <param name="watch">Is called with layer and queries [tokens, d] of each cross-attention, or null.</param>
    /// <exception cref="ArgumentException">A step goes beyond the text context, or the logits fit neither number of rows.</exception>
    public void Forward(ReadOnlySpan<WhisperDecodeStep> steps, Tensor logits, Action<int, Tensor>? watch = null)
    {
        Rows rows = new(this, steps);
        int count = rows.Tokens.Count, width = _config.HiddenSize, headDimension = width / _config.DecoderHeads;
        if (logits.Rows != count && logits.Rows != steps.Length)
        {
            throw new ArgumentException($"logits must have {steps.Length} or {count} rows: it is {logits}", nameof(logits));
        }

        AttentionOptions options = new(1 / MathF.Sqrt(headDimension));
        Tensor x = _work.Get(0, count, width), normed = _work.Get(1, count, width), q = _work.Get(2, count, width);
        Tensor k = _work.Get(3, count, width), v = _work.Get(4, count, width), raised = _work.Get(5, count, _config.DecoderIntermediateSize);
        _backend.Embedding(_weights.Embedding, [.. rows.Tokens], x);
        _backend.Embedding(_weights.Positions, [.. rows.Positions], q);
        _backend.Add(q, x);
        for (int layer = 0; layer < _weights.Layers.Length; layer++)
        {
            WhisperDecoderLayer weights = _weights.Layers[layer];
            weights.Self.Norm.Forward(_backend, x, normed);
            weights.Self.Query.Forward(normed, q, k, v);
            _backend.WriteKv(k, v, _tokens, layer, [.. rows.Places]);
            _backend.PagedAttention(q, _tokens, layer, rows.TokenSlices, options, k);
            weights.Self.Output.Forward(k, normed);
            _backend.Add(normed, x);

            weights.Cross.Norm.Forward(_backend, x, normed);
            weights.Cross.Query.Forward(normed, q);
            watch?.Invoke(layer, q);
            _backend.PagedAttention(q, _clips, layer, rows.ClipSlices, options, k);
            weights.Cross.Output.Forward(k, normed);
            _backend.Add(normed, x);
            weights.FeedForward.Forward(_backend, x, normed, raised, q);
        }

        Tensor wanted = _work.Get(6, logits.Rows, width);
        _backend.Embedding(x, logits.Rows == count ? [.. Enumerable.Range(0, count)] : rows.Last, wanted);
        _weights.Norm.Forward(_backend, wanted, wanted);
        _weights.Head.Forward(wanted, logits);
    }

    /// <summary>
    /// The probabilities that cross-attention gives to the first positions of a slot's clip: for each of the heads a matrix
    /// [tokens, positions], in the host's memory. The tokens are decoded anew from position 0; logits are those of all tokens.
    /// </summary>
    public Tensor[] CrossAttention(int slot, ReadOnlyMemory<int> tokens, IReadOnlyList<(int Layer, int Head)> heads, int positions, Tensor logits)
    {
        int length = Math.Min(positions, _clipLengths[slot]), d = _config.HiddenSize / _config.DecoderHeads;
        Tensor[] attention = [.. heads.Select(_ => Tensor.Allocate(tokens.Length, length))];
        Forward([new WhisperDecodeStep(slot, tokens, 0)], logits, (layer, queries) =>
        {
            if (heads.All(h => h.Layer != layer))
            {
                return;
            }

            float[][] keys = _clips.ReadKeys(layer, [.. Enumerable.Range(0, length).Select(p => Place(_clipBlocks[slot], p))]);
            using HostTensor asked = _backend.ReadOnHost(queries);
            for (int i = 0; i < heads.Count; i++)
            {
                if (heads[i].Layer == layer)
                {
                    Probabilities(asked.Tensor, keys, heads[i].Head * d, d, attention[i]);
                }
            }
        });
        return attention;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _tokens.Dispose();
        _clips.Dispose();
        _work.Dispose();
    }

    private static void Probabilities(Tensor queries, float[][] keys, int first, int d, Tensor result)
    {
        float scale = 1 / MathF.Sqrt(d);
        for (int t = 0; t < queries.Rows; t++)
        {
            ReadOnlySpan<float> query = queries.Row(t).Slice(first, d);
            Span<float> row = result.Row(t);
            float largest = float.NegativeInfinity;
            for (int p = 0; p < row.Length; p++)
            {
                ReadOnlySpan<float> key = keys[p].AsSpan(first, d);
                float sum = 0;
                for (int i = 0; i < d; i++)
                {
                    sum += query[i] * key[i];
                }

                row[p] = sum * scale;
                largest = MathF.Max(largest, row[p]);
            }

            float total = 0;
            foreach (ref float value in row)
            {
                value = MathF.Exp(value - largest);
                total += value;
            }

            foreach (ref float value in row)
            {
                value /= total;
            }
        }
    }

    private static int Place(int[] blocks, int position) => (blocks[position / BlockLength] * BlockLength) + (position % BlockLength);

    /// <summary>The rows of a batch.</summary>
    private sealed class Rows
    {
        public Rows(WhisperDecoder decoder, ReadOnlySpan<WhisperDecodeStep> steps)
        {
            TokenSlices = new AttentionSlice[steps.Length];
            Last = new int[steps.Length];
            List<AttentionSlice> clips = [];
            for (int s = 0; s < steps.Length; s++)
            {
                (int slot, ReadOnlyMemory<int> tokens, int position) = steps[s];
                if (tokens.Length == 0 || position < 0 || position + tokens.Length > decoder._config.TextContext)
                {
                    throw new ArgumentException(
                        $"steps[{s}] has {tokens.Length} tokens from position {position}; the context has {decoder._config.TextContext}", nameof(steps));
                }

                TokenSlices[s] = new AttentionSlice(Tokens.Count, tokens.Length, position, decoder._tokenBlocks[slot]);
                for (int i = 0; i < tokens.Length; i++)
                {
                    // A slice of one row at the clip's last position attends to all of the clip.
                    clips.Add(new AttentionSlice(Tokens.Count, 1, decoder._clipLengths[slot] - 1, decoder._clipBlocks[slot]));
                    Tokens.Add(tokens.Span[i]);
                    Positions.Add(position + i);
                    Places.Add(Place(decoder._tokenBlocks[slot], position + i));
                }

                Last[s] = Tokens.Count - 1;
            }

            ClipSlices = [.. clips];
        }

        public List<int> Tokens { get; } = [];

        public List<int> Positions { get; } = [];

        public List<int> Places { get; } = [];

        public AttentionSlice[] TokenSlices { get; }

        public AttentionSlice[] ClipSlices { get; }

        public int[] Last { get; }
    }
}
