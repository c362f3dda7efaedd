namespace Inference.Generation;

/// <summary>The state of an engine at one moment, and its totals since the start.</summary>
public sealed record EngineStatistics
{
    /// <summary>Answers that run.</summary>
    public required int Running { get; init; }

    /// <summary>Answers that wait: new, preempted, or for a slow reader.</summary>
    public required int Waiting { get; init; }

    /// <summary>Requests that have not ended.</summary>
    public required int LiveRequests { get; init; }

    /// <summary>Blocks of the KV cache.</summary>
    public required int TotalBlocks { get; init; }

    /// <summary>Blocks held by running answers. What only the prefix cache holds counts as free.</summary>
    public required int UsedBlocks { get; init; }

    /// <summary>Blocks that can be had: empty ones and those that only the prefix cache holds.</summary>
    public int FreeBlocks => TotalBlocks - UsedBlocks;

    /// <summary>Of the free blocks, those with contents kept for later requests.</summary>
    public required int CachedBlocks { get; init; }

    /// <summary>Share of the blocks in use, 0 to 1.</summary>
    public double KvCacheUsage => (double)UsedBlocks / TotalBlocks;

    /// <summary>Prompt tokens looked up in the prefix cache.</summary>
    public required long PrefixCacheQueries { get; init; }

    /// <summary>Of them, those found.</summary>
    public required long PrefixCacheHits { get; init; }

    /// <summary>Answers that lost their blocks to others.</summary>
    public required long Preemptions { get; init; }

    /// <summary>Prompt tokens of requests that began to run.</summary>
    public required long PromptTokens { get; init; }

    /// <summary>Tokens generated.</summary>
    public required long GenerationTokens { get; init; }

    /// <summary>Steps run.</summary>
    public required long Steps { get; init; }

    /// <summary>Tokens that were guessed and checked (speculative decoding).</summary>
    public required long DraftTokens { get; init; }

    /// <summary>Of them, those that were right.</summary>
    public required long AcceptedTokens { get; init; }
}
