using Inference.Models;
using Inference.Models.Lora;
using Inference.Tensors;

namespace Inference.DemoModel;

/// <summary>Greedy answers to many prompts, a batch of sequences at a time, of the base or of an adapter.</summary>
internal sealed class GreedyDecoder(ICausalModel model, int endToken, AdapterWeights? adapter = null) : IDisposable
{
    private const int BlockLength = 16;

    private readonly KvCache _cache = model.CreateKvCache(SequencesAtOnce * BlocksOf(model), BlockLength);

    /// <summary>Prompts of a batch.</summary>
    public const int SequencesAtOnce = 32;

    /// <summary>
    /// The tokens that follow each prompt, without the end token; null where the answer did not end within the limit.
    /// </summary>
    /// <param name="prompts">At most <see cref="SequencesAtOnce"/> prompts.</param>
    /// <param name="maxTokens">Most tokens of an answer.</param>
    public int[]?[] Answer(IReadOnlyList<int[]> prompts, int maxTokens)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(prompts.Count, SequencesAtOnce);
        Sequence[] sequences = [.. prompts.Select((p, i) => new Sequence(i, p, BlocksOf(model)))];
        while (sequences.Where(s => !s.IsDone && s.Answer.Count <= maxTokens).ToArray() is { Length: > 0 } running)
        {
            Step(running);
        }

        return [.. sequences.Select(s => s.IsDone ? s.Answer.ToArray() : null)];
    }

    /// <inheritdoc/>
    public void Dispose() => _cache.Dispose();

    private static int BlocksOf(ICausalModel model) => (model.Config.ContextLength + BlockLength - 1) / BlockLength;

    private void Step(Sequence[] running)
    {
        List<int> tokens = [], positions = [], slots = [], logitRows = [];
        List<AttentionSlice> slices = [];
        foreach (Sequence sequence in running)
        {
            slices.Add(new AttentionSlice(tokens.Count, sequence.Pending.Length, sequence.Length, sequence.Blocks));
            foreach (int token in sequence.Pending)
            {
                tokens.Add(token);
                positions.Add(sequence.Length);
                slots.Add((sequence.Blocks[sequence.Length / BlockLength] * BlockLength) + (sequence.Length % BlockLength));
                sequence.Length++;
            }

            logitRows.Add(tokens.Count - 1);
        }

        using Readback results = model.CreateLogits(running.Length);
        AdapterRows[] adapters = adapter is null ? [] : [new AdapterRows(adapter, [.. Enumerable.Range(0, tokens.Count)])];
        model.Forward(
            new ForwardBatch { TokenIds = [.. tokens], Positions = [.. positions], Slots = [.. slots], Slices = [.. slices], LogitRows = [.. logitRows], Adapters = adapters },
            _cache, results.Rows(running.Length));
        results.Begin();
        Tensor logits = results.End();
        for (int i = 0; i < running.Length; i++)
        {
            int token = IndexOfLargest(logits.Row(i));
            running[i].Accept(token, token == endToken);
        }
    }

    private static int IndexOfLargest(ReadOnlySpan<float> values)
    {
        int largest = 0;
        for (int i = 1; i < values.Length; i++)
        {
            largest = values[i] > values[largest] ? i : largest;
        }

        return largest;
    }

    private sealed class Sequence(int index, int[] prompt, int blocks)
    {
        public int[] Blocks { get; } = [.. Enumerable.Range(index * blocks, blocks)];

        public int[] Pending { get; private set; } = prompt;

        public int Length { get; set; }

        public List<int> Answer { get; } = [];

        public bool IsDone { get; private set; }

        public void Accept(int token, bool isEnd)
        {
            Pending = [token];
            IsDone = isEnd;
            if (!isEnd)
            {
                Answer.Add(token);
            }
        }
    }
}
