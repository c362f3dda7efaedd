using Inference.Models;
using Inference.Tensors;

namespace Inference.Generation;

/// <summary>How many blocks a KV cache gets.</summary>
internal static class KvCacheSize
{
    private const int DefaultContexts = 8;
    private const int DefaultMemoryShare = 8;

    /// <summary>Blocks for a model, and the one that drafts for it, from the options and, where they leave it open, the memory of the machine.</summary>
    /// <exception cref="InvalidRequestException">The memory allowed holds not even two blocks.</exception>
    public static int Blocks(ModelConfig config, ModelConfig? draft, LlmEngineOptions options, long machineBytes)
    {
        if (options.KvCacheBlocks is int blocks)
            return blocks;
        long blockBytes = BlockBytes(config, options) + (draft is null ? 0 : BlockBytes(draft, options));
        long contextBlocks = (config.ContextLength + options.BlockLength - 1) / options.BlockLength;
        long wanted = options.KvCacheBytes is long bytes
            ? bytes / blockBytes
            : Math.Min(DefaultContexts * contextBlocks, machineBytes / DefaultMemoryShare / blockBytes);
        long most = int.MaxValue / options.BlockLength;
        return wanted >= 2
            ? (int)Math.Min(wanted, most)
            : throw new InvalidRequestException(nameof(options.KvCacheBytes), $"must hold at least 2 blocks of {blockBytes} bytes, not {options.KvCacheBytes ?? machineBytes / DefaultMemoryShare} bytes");
    }

    private static long BlockBytes(ModelConfig config, LlmEngineOptions options) =>
        HostKvCache.BlockBytes(config.LayerCount, options.BlockLength, config.KvHeadCount, config.HeadDimension, options.KvCacheType);
}
