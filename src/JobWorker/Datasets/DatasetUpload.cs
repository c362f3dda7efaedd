using System.Security.Cryptography;

namespace Inference.JobWorker.Datasets;

/// <summary>A file while it arrives: on the disk, hashed on the way, gone when it is disposed of.</summary>
public sealed class DatasetUpload : IAsyncDisposable
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly FileStream _file;
    private readonly long _limit;

    /// <param name="directory">Where it lies meanwhile; made where it is missing.</param>
    /// <param name="limit">Most bytes.</param>
    public DatasetUpload(string directory, long limit)
    {
        Directory.CreateDirectory(directory);
        _limit = limit;
        _file = new FileStream(Path.Combine(directory, Guid.NewGuid().ToString("N")), new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.ReadWrite,
            Options = FileOptions.Asynchronous | FileOptions.DeleteOnClose,
        });
    }

    /// <summary>Bytes so far.</summary>
    public long Bytes => _file.Length;

    /// <summary>The content, to be read from its beginning.</summary>
    public Stream Content => _file;

    /// <summary>Adds bytes.</summary>
    /// <exception cref="DatasetTooLargeException">They go past the limit.</exception>
    public async Task WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        if (_file.Position + bytes.Length > _limit)
        {
            throw new DatasetTooLargeException(_limit);
        }

        _hash.AppendData(bytes.Span);
        await _file.WriteAsync(bytes, cancellation);
    }

    /// <summary>Adds a whole stream.</summary>
    /// <exception cref="DatasetTooLargeException">It goes past the limit.</exception>
    public async Task WriteAsync(Stream stream, CancellationToken cancellation)
    {
        byte[] block = new byte[1 << 16];
        for (int count = await stream.ReadAsync(block, cancellation); count > 0; count = await stream.ReadAsync(block, cancellation))
        {
            await WriteAsync(block.AsMemory(0, count), cancellation);
        }
    }

    /// <summary>SHA-256 of all bytes, in lower-case hexadecimal. Once.</summary>
    public string FinishHash() => Convert.ToHexStringLower(_hash.GetHashAndReset());

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _hash.Dispose();
        return _file.DisposeAsync();
    }
}
