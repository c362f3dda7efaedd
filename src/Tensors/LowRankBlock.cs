using Inference.Tensors.Cpu;

namespace Inference.Tensors;

/// <summary>Memory for several low-rank changes, one behind the other in the order in which a step reads them; in huge pages where there are such.</summary>
public sealed unsafe class LowRankBlock : IDisposable
{
    private readonly NativePages _pages;
    private long _taken;

    /// <summary>Maps the memory.</summary>
    /// <param name="length">The sum of <see cref="LowRankWeight.BytesOf"/> of all changes.</param>
    public LowRankBlock(long length) => (_pages, Length) = (new NativePages(length), length);

    /// <summary>Bytes of the block.</summary>
    public long Length { get; }

    /// <inheritdoc/>
    public void Dispose() => _pages.Dispose();

    /// <summary>The next bytes, aligned to 64.</summary>
    /// <exception cref="InvalidOperationException">The block is full.</exception>
    internal byte* Take(long bytes)
    {
        if (_taken + bytes > Length)
        {
            throw new InvalidOperationException($"{bytes} bytes do not fit into a block of {Length}, of which {_taken} are taken");
        }

        byte* start = _pages.Data + _taken;
        _taken += bytes;
        return start;
    }
}
