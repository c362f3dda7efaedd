using Inference.Generation.Speculation;
using Inference.Tensors;

namespace Inference.Generation;

/// <summary>Limits of one engine. <see cref="Validate"/> names every value that is out of its range.</summary>
public sealed record LlmEngineOptions
{
    /// <summary>Tokens in a block of the KV cache. 1 to 256, default 16; others than multiples of 16 take as much memory as the next one and more time.</summary>
    public int BlockLength { get; init; } = 16;

    /// <summary>Blocks of the KV cache. At least 2; null (default) means as many as <see cref="KvCacheBytes"/> holds.</summary>
    public int? KvCacheBlocks { get; init; }

    /// <summary>
    /// Memory of the KV cache where <see cref="KvCacheBlocks"/> is null. At least 65,536; null (default) means 8 full
    /// contexts, and no more than an eighth of the memory of the machine.
    /// </summary>
    public long? KvCacheBytes { get; init; }

    /// <summary>Number format of the KV cache: F32, F16 (default), BF16 or Q8_0; docs/serving.md has what each costs and keeps.</summary>
    public DType KvCacheType { get; init; } = DType.F16;

    /// <summary>Tokens in a step, decode and prefill together. 2 to 65,536, default 512.</summary>
    public int MaxBatchTokens { get; init; } = 512;

    /// <summary>Answers that run at once. 1 to <see cref="MaxBatchTokens"/> - 1, so that decode always leaves room for a prompt; default 32.</summary>
    public int MaxRunning { get; init; } = 32;

    /// <summary>Requests that wait for their first step, or for a slow reader; more are refused. 1 to 10,000, default 256.</summary>
    public int MaxWaiting { get; init; } = 256;

    /// <summary>Prompt tokens of one sequence in a step. 1 to 65,536, default 256.</summary>
    public int PrefillChunk { get; init; } = 256;

    /// <summary>
    /// How much longer steps may take on the average for the sake of prompts while answers are being decoded, as a multiple of a step
    /// without prompts: lower keeps streams even, higher brings first tokens sooner. Short prompts go in at once; with
    /// nobody decoding it does not apply. 1.05 to 1,000, default 1.75: a long prompt takes 2.3 times as long as alone, at 1.25 five times.
    /// </summary>
    public double MaxStepStretch { get; init; } = 1.75;

    /// <summary>Keep the blocks of finished requests for later ones that start alike. Default true.</summary>
    public bool PrefixCache { get; init; } = true;

    /// <summary>Generated tokens where a request names no limit. At least 1; null (default) means what the context leaves.</summary>
    public int? DefaultMaxTokens { get; init; }

    /// <summary>Tokens of an answer that may lie unread before it is paused. 1 to 65,536, default 256.</summary>
    public int MaxUnreadTokens { get; init; } = 256;

    /// <summary>
    /// Make text and updates on a thread of their own while the next step runs. It pays where the model leaves a processor
    /// free, and costs where it does not; null (default) is true where it does.
    /// </summary>
    public bool? OverlapDelivery { get; init; }

    /// <summary>
    /// Where guesses come from that a step checks besides computing the next token; None (default) means no guesses. It
    /// changes the speed only: tokens, log-probabilities and seeds give what they give without.
    /// </summary>
    public SpeculationMode Speculation { get; init; }

    /// <summary>
    /// Tokens of a guess at most. 1 to 32, default 8. A step checks as many as pay, by what steps cost and how often guesses were right,
    /// and fewer than <see cref="MaxBatchTokens"/> / <see cref="MaxRunning"/>.
    /// </summary>
    public int MaxDraftTokens { get; init; } = 8;

    /// <summary>Tokens that end an answer, besides those of the model's configuration.</summary>
    public IReadOnlyList<int> EosTokenIds { get; init; } = [];

    /// <summary>Seed of the requests that bring none; null (default) draws one at start.</summary>
    public long? Seed { get; init; }

    /// <summary>Every value out of range, with limit and value; empty where all is well.</summary>
    public IReadOnlyList<FieldViolation> Validate()
    {
        List<FieldViolation> violations = [];
        Check(nameof(BlockLength), BlockLength, 1, 256);
        Check(nameof(KvCacheBlocks), KvCacheBlocks ?? 2, 2, int.MaxValue / BlockLengthOrOne);
        Check(nameof(KvCacheBytes), KvCacheBytes ?? 65_536, 65_536, long.MaxValue);
        Check(nameof(MaxBatchTokens), MaxBatchTokens, 2, 65_536);
        Check(nameof(MaxRunning), MaxRunning, 1, MaxBatchTokens - 1);
        Check(nameof(MaxWaiting), MaxWaiting, 1, 10_000);
        Check(nameof(PrefillChunk), PrefillChunk, 1, 65_536);
        Check(nameof(DefaultMaxTokens), DefaultMaxTokens ?? 1, 1, int.MaxValue);
        Check(nameof(MaxDraftTokens), MaxDraftTokens, 1, 32);
        Check(nameof(MaxUnreadTokens), MaxUnreadTokens, 1, 65_536);
        if (!Enum.IsDefined(Speculation))
            violations.Add(new FieldViolation(nameof(Speculation), $"must be None or PromptLookup, not {Speculation}"));
        if (MaxStepStretch is not (>= 1.05 and <= 1_000))
            violations.Add(new FieldViolation(nameof(MaxStepStretch), $"must be from 1.05 to 1000, not {MaxStepStretch}"));
        if (!KvCache.Supports(KvCacheType))
            violations.Add(new FieldViolation(nameof(KvCacheType), $"must be F32, F16, BF16 or Q8_0, not {KvCacheType}"));
        return violations;

        void Check(string field, long value, long least, long most)
        {
            if (value < least || value > most)
                violations.Add(new FieldViolation(field, $"must be from {least} to {most}, not {value}"));
        }
    }

    private int BlockLengthOrOne => Math.Max(BlockLength, 1);
}
