namespace Inference.Artifacts;

/// <summary>
/// Files by name, on a disk or in a bucket. A name shows its whole content or is not there: what was cut off while it was written is
/// never seen. Names are paths of the characters a-z, A-Z, 0-9, '-', '_' and '.', with '/' between (<see cref="BlobName"/>).
/// </summary>
public interface IBlobStore
{
    /// <summary>Writes a file, over the one of the same name.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="content">Seekable, read from its beginning.</param>
    /// <param name="cancellation">Ends the write; nothing is seen of it.</param>
    Task PutAsync(string name, Stream content, CancellationToken cancellation = default);

    /// <summary>Opens a file, or gives null where there is none. The caller checks what it reads by its hash.</summary>
    Task<Stream?> OpenAsync(string name, CancellationToken cancellation = default);

    /// <summary>The names of all files under a directory (without '/' at its end), in order.</summary>
    Task<IReadOnlyList<string>> ListAsync(string directory, CancellationToken cancellation = default);

    /// <summary>
    /// Changes a small file as one step. Two changes at a time follow one another: the second sees what the first wrote (in a bucket:
    /// where its server honours conditional writes).
    /// </summary>
    /// <param name="name">Its name.</param>
    /// <param name="change">Makes the new content from the old one (null where there is none), or null to leave it; may be called again.</param>
    /// <param name="cancellation">Ends the wait.</param>
    Task UpdateAsync(string name, Func<byte[]?, Task<byte[]?>> change, CancellationToken cancellation = default);

    /// <summary>Removes a file; without effect where there is none.</summary>
    Task DeleteAsync(string name, CancellationToken cancellation = default);
}
