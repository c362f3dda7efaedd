using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Inference.Artifacts;
using Microsoft.Extensions.Options;

namespace Inference.JobWorker.Datasets;

/// <summary>
/// Data sets beside the artifacts, on a disk or in a bucket: contents by their hash, once each, and a small file for each upload of a
/// tenant that points to one.
/// </summary>
/// <param name="blobs">Where they lie.</param>
/// <param name="options">Limits.</param>
/// <param name="storage">Uploads lie in the data directory until they are whole.</param>
/// <param name="time">Dates files.</param>
public sealed class DatasetStore(IBlobStore blobs, IOptions<DatasetStorageOptions> options, IOptions<StorageOptions> storage, TimeProvider time)
{
    private const string IdPrefix = "file-";

    /// <summary>Begins an upload.</summary>
    public DatasetUpload BeginUpload() => new(Path.Combine(storage.Value.FullPath, "uploads"), options.Value.MaxBytes);

    /// <summary>Keeps an upload that is whole.</summary>
    public async Task<DatasetFile> SaveAsync(string tenant, string filename, string purpose, DatasetUpload upload, CancellationToken cancellation = default)
    {
        string hash = upload.FinishHash();
        if (!await ExistsAsync(BlobName.Dataset(hash), cancellation))
        {
            await blobs.PutAsync(BlobName.Dataset(hash), upload.Content, cancellation);
        }

        DateTimeOffset now = time.GetUtcNow();
        DatasetFile file = new(IdPrefix + Guid.CreateVersion7(now).ToString("N"), filename, purpose, upload.Bytes, hash, now);
        await blobs.PutAsync(FileName(tenant, file.Id), new MemoryStream(JsonSerializer.SerializeToUtf8Bytes(file, JsonSerializerOptions.Web)), cancellation);
        return file;
    }

    /// <summary>A file of a tenant, or null.</summary>
    public async Task<DatasetFile?> FindAsync(string tenant, string id, CancellationToken cancellation = default)
    {
        if (!IsId(id))
        {
            return null;
        }

        await using Stream? stream = await blobs.OpenAsync(FileName(tenant, id), cancellation);
        return stream is null ? null : await JsonSerializer.DeserializeAsync<DatasetFile>(stream, JsonSerializerOptions.Web, cancellation);
    }

    /// <summary>The files of a tenant, oldest first.</summary>
    public async Task<IReadOnlyList<DatasetFile>> ListAsync(string tenant, CancellationToken cancellation = default)
    {
        List<DatasetFile> files = [];
        foreach (string name in await blobs.ListAsync(DirectoryName(tenant), cancellation))
        {
            if (await FindAsync(tenant, Path.GetFileNameWithoutExtension(name), cancellation) is { } file)
            {
                files.Add(file);
            }
        }

        return [.. files.OrderBy(f => f.CreatedAt)];
    }

    /// <summary>Forgets a file. Its content stays for the jobs that were made with it.</summary>
    /// <returns>Whether there was one.</returns>
    public async Task<bool> DeleteAsync(string tenant, string id, CancellationToken cancellation = default)
    {
        if (await FindAsync(tenant, id, cancellation) is null)
        {
            return false;
        }

        await blobs.DeleteAsync(FileName(tenant, id), cancellation);
        return true;
    }

    /// <summary>Opens a content, or gives null where there is none.</summary>
    public Task<Stream?> OpenContentAsync(string sha256, CancellationToken cancellation = default) =>
        blobs.OpenAsync(BlobName.Dataset(sha256), cancellation);

    private static bool IsId(string id) =>
        id.Length == IdPrefix.Length + 32 && id.StartsWith(IdPrefix, StringComparison.Ordinal) && id.AsSpan(IdPrefix.Length).IndexOfAnyExcept("0123456789abcdef") < 0;

    /// <summary>A tenant's name may have any characters, a blob's may not.</summary>
    private static string DirectoryName(string tenant) =>
        $"files/{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(tenant)))}";

    private static string FileName(string tenant, string id) => $"{DirectoryName(tenant)}/{id}.json";

    private async Task<bool> ExistsAsync(string name, CancellationToken cancellation)
    {
        await using Stream? stream = await blobs.OpenAsync(name, cancellation);
        return stream is not null;
    }
}
