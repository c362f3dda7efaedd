namespace Inference.Artifacts;

/// <summary>Files in a directory, which workers and servers may share. Written beside, flushed to the disk, then renamed.</summary>
/// <param name="root">The directory; made when it is missing.</param>
public sealed class LocalBlobStore(string root) : IBlobStore
{
    // On the same file system, so that a rename moves; hidden, so that no name leads here.
    private const string Partial = ".partial";
    private const string LockName = ".lock";

    private readonly string _root = Path.GetFullPath(root);

    /// <summary>The directory.</summary>
    public string Root => _root;

    /// <inheritdoc/>
    public async Task PutAsync(string name, Stream content, CancellationToken cancellation = default)
    {
        string path = PathOf(name), partial = Path.Combine(_root, Partial, Guid.NewGuid().ToString("N"));
        Directory.CreateDirectory(Path.GetDirectoryName(partial)!);
        try
        {
            await using (FileStream file = new(partial, FileMode.CreateNew, FileAccess.Write, FileShare.None))
            {
                content.Position = 0;
                await content.CopyToAsync(file, cancellation);
                file.Flush(flushToDisk: true);
            }

            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.Move(partial, path, overwrite: true);
        }
        finally
        {
            File.Delete(partial);
        }
    }

    /// <inheritdoc/>
    public Task<Stream?> OpenAsync(string name, CancellationToken cancellation = default)
    {
        try
        {
            return Task.FromResult<Stream?>(new FileStream(
                PathOf(name), FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, bufferSize: 1 << 16, useAsync: true));
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return Task.FromResult<Stream?>(null);
        }
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<string>> ListAsync(string directory, CancellationToken cancellation = default)
    {
        string path = PathOf(directory);
        IEnumerable<string> files = Directory.Exists(path) ? Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories) : [];
        return Task.FromResult<IReadOnlyList<string>>(
            [.. files.Select(f => Path.GetRelativePath(_root, f).Replace(Path.DirectorySeparatorChar, '/')).Order(StringComparer.Ordinal)]);
    }

    /// <inheritdoc/>
    public async Task UpdateAsync(string name, Func<byte[]?, Task<byte[]?>> change, CancellationToken cancellation = default)
    {
        string path = PathOf(name);
        await using FileStream held = await LockAsync(cancellation);
        byte[]? old = File.Exists(path) ? await File.ReadAllBytesAsync(path, cancellation) : null;
        if (await change(old) is { } changed)
        {
            await PutAsync(name, new MemoryStream(changed), cancellation);
        }
    }

    /// <inheritdoc/>
    public Task DeleteAsync(string name, CancellationToken cancellation = default)
    {
        string path = PathOf(name);
        if (File.Exists(path))
        {
            File.Delete(path);
            DeleteEmptyParents(path);
        }

        return Task.CompletedTask;
    }

    /// <summary>One lock for all: changes are rare and take milliseconds. The system releases it when its holder dies.</summary>
    private async Task<FileStream> LockAsync(CancellationToken cancellation)
    {
        Directory.CreateDirectory(_root);
        while (true)
        {
            try
            {
                return new FileStream(Path.Combine(_root, LockName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException)
            {
                await Task.Delay(10, cancellation);
            }
        }
    }

    private void DeleteEmptyParents(string path)
    {
        try
        {
            for (string parent = Path.GetDirectoryName(path)!; parent != _root; parent = Path.GetDirectoryName(parent)!)
            {
                Directory.Delete(parent);
            }
        }
        catch (IOException)
        {
            // Not empty: others live there.
        }
    }

    private string PathOf(string name) => Path.Combine(_root, BlobName.Check(name).Replace('/', Path.DirectorySeparatorChar));
}
