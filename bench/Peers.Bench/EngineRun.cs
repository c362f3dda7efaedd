using System.Diagnostics;
using Inference.Generation;
using Inference.Models;
using Inference.Models.Architectures;
using Inference.Tensors;
using Inference.Tensors.Cpu;

namespace Inference.Peers.Bench;

/// <summary>The model alone, without scheduler and sampling, as llama-bench and llama-batched-bench run theirs.</summary>
internal sealed class EngineRun : IDisposable
{
    private const int BlockLength = 16;
    private const int WarmUpTokens = 20;
    private readonly CpuBackend _backend;
    private readonly ICausalModel _model;
    private readonly Random _random = new(1);

    public EngineRun(string path, int threads)
    {
        _backend = new CpuBackend(threads);
        _model = ArchitectureRegistry.Load(path, _backend);
    }

    /// <summary>Tokens a second of a prompt of 512, and of 64 tokens one after the other; after tokens enough that every weight is packed.</summary>
    public Dictionary<string, double> PrefillAndDecode()
    {
        const int Prompt = 512, Answer = 64;
        Decode(WarmUpTokens, sequences: 1, prompt: 0);
        Prefill(Prompt, sequences: 1);
        double prefill = Prefill(Prompt, sequences: 1);
        return new() { [Metrics.Prefill] = prefill, [Metrics.Decode] = Decode(Answer, sequences: 1, prompt: 0) };
    }

    /// <summary>Tokens a second of all sequences together, for each batch.</summary>
    public Dictionary<string, double> BatchedDecode()
    {
        const int Prompt = 32, Answer = 32;
        Decode(WarmUpTokens, sequences: 2, Prompt);
        return Metrics.Batches.ToDictionary(Metrics.BatchedDecode, sequences => Decode(Answer, sequences, Prompt));
    }

    public void Dispose()
    {
        _model.Dispose();
        _backend.Dispose();
    }

    private double Prefill(int tokens, int sequences)
    {
        using KvCache cache = Cache(sequences, tokens);
        using Tensor logits = Tensor.Allocate(sequences, _model.Config.VocabularySize);
        ForwardBatch batch = Batch(sequences, first: 0, tokens, tokens);
        long start = Stopwatch.GetTimestamp();
        _model.Forward(batch, cache, logits);
        return sequences * tokens / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private double Decode(int tokens, int sequences, int prompt)
    {
        using KvCache cache = Cache(sequences, prompt + tokens);
        using Tensor logits = Tensor.Allocate(sequences, _model.Config.VocabularySize);
        if (prompt > 0)
        {
            _model.Forward(Batch(sequences, first: 0, prompt, prompt + tokens), cache, logits);
        }

        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < tokens; i++)
        {
            _model.Forward(Batch(sequences, prompt + i, count: 1, prompt + tokens), cache, logits);
        }

        return sequences * tokens / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private KvCache Cache(int sequences, int length) =>
        _model.CreateKvCache(sequences * Blocks(length), BlockLength, new LlmEngineOptions().KvCacheType);

    /// <summary>Positions [first, first + count) of each sequence, whose blocks follow each other; logits of each one's last.</summary>
    private ForwardBatch Batch(int sequences, int first, int count, int length)
    {
        int blocks = Blocks(length);
        int[] sequence = [.. Enumerable.Range(0, sequences * count).Select(row => row / count)];
        int[] positions = [.. Enumerable.Range(0, sequences * count).Select(row => first + (row % count))];
        return new ForwardBatch
        {
            TokenIds = [.. sequence.Select(_ => _random.Next(_model.Config.VocabularySize))],
            Positions = positions,
            Slots = [.. positions.Zip(sequence, (position, s) => (s * blocks * BlockLength) + position)],
            Slices = [.. Enumerable.Range(0, sequences).Select(
                s => new AttentionSlice(s * count, count, first, Enumerable.Range(s * blocks, blocks).ToArray()))],
            LogitRows = [.. Enumerable.Range(1, sequences).Select(s => (s * count) - 1)],
        };
    }

    private static int Blocks(int length) => (length + BlockLength - 1) / BlockLength;
}
