using System.Security.Cryptography;
using System.Text.Json;

namespace Inference.Artifacts;

/// <summary>Directories of files, saved whole and checked when read: checkpoints and adapters.</summary>
/// <param name="blobs">Where the files lie.</param>
public sealed class ArtifactStore(IBlobStore blobs)
{
    /// <summary>Name of the manifest in an artifact.</summary>
    public const string ManifestName = "manifest.json";

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    /// <summary>Saves a directory's files. Whoever uses the reference gets exactly these.</summary>
    public async Task<ArtifactReference> SaveAsync(string name, string directory, CancellationToken cancellation = default)
    {
        List<ArtifactFile> files = [];
        foreach (string path in Directory.EnumerateFiles(directory, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            string relative = Path.GetRelativePath(directory, path).Replace(Path.DirectorySeparatorChar, '/');
            await using FileStream file = File.OpenRead(path);
            files.Add(new ArtifactFile(relative, file.Length, Convert.ToHexStringLower(await SHA256.HashDataAsync(file, cancellation))));
            await blobs.PutAsync($"{name}/{relative}", file, cancellation);
        }

        byte[] manifest = JsonSerializer.SerializeToUtf8Bytes(new ArtifactManifest(files), Json);
        await blobs.PutAsync(ManifestOf(name), new MemoryStream(manifest), cancellation);
        return new ArtifactReference(name, Convert.ToHexStringLower(SHA256.HashData(manifest)));
    }

    /// <summary>Writes an artifact's files into a directory.</summary>
    /// <exception cref="ArtifactException">A file is missing or is not the one that was saved.</exception>
    public async Task LoadAsync(ArtifactReference reference, string directory, CancellationToken cancellation = default)
    {
        if (!await TryLoadAsync(reference.Name, reference.ManifestHash, directory, cancellation))
        {
            throw new ArtifactException($"\"{ManifestOf(reference.Name)}\" is missing");
        }
    }

    /// <summary>Writes an artifact's files into a directory, if it is there.</summary>
    /// <param name="name">Directory in the store.</param>
    /// <param name="manifestHash">Hash of its manifest; null where nobody knows it: its files are then checked by what the manifest says.</param>
    /// <param name="directory">Where to write; made if need be.</param>
    /// <param name="cancellation">Ends it half-way.</param>
    /// <returns>Whether there is such an artifact.</returns>
    /// <exception cref="ArtifactException">A file is missing or is not the one that was saved.</exception>
    public async Task<bool> TryLoadAsync(string name, string? manifestHash, string directory, CancellationToken cancellation = default)
    {
        if (await ReadManifestAsync(name, manifestHash, cancellation) is not { } manifest)
        {
            return false;
        }

        foreach (ArtifactFile file in manifest.Files)
        {
            string path = Path.Combine(directory, BlobName.Check(file.Path));
            await LoadFileAsync($"{name}/{file.Path}", file.Sha256, path, cancellation);
        }

        return true;
    }

    /// <summary>Writes one file of a known hash to a path.</summary>
    /// <exception cref="ArtifactException">It is missing or has another hash.</exception>
    public async Task LoadFileAsync(string name, string sha256, string path, CancellationToken cancellation = default)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        await using Stream? content = await blobs.OpenAsync(name, cancellation);
        if (content is null)
        {
            throw new ArtifactException($"\"{name}\" is missing");
        }

        await using FileStream file = new(path, FileMode.Create, FileAccess.ReadWrite);
        await content.CopyToAsync(file, cancellation);
        file.Position = 0;
        string read = Convert.ToHexStringLower(await SHA256.HashDataAsync(file, cancellation));
        if (read != sha256)
        {
            throw new ArtifactException($"\"{name}\" has the SHA-256 {read}, it was saved with {sha256}");
        }
    }

    /// <summary>Removes an artifact, its manifest first.</summary>
    public async Task DeleteAsync(string name, CancellationToken cancellation = default)
    {
        await blobs.DeleteAsync(ManifestOf(name), cancellation);
        foreach (string file in await blobs.ListAsync(name, cancellation))
        {
            await blobs.DeleteAsync(file, cancellation);
        }
    }

    private static string ManifestOf(string name) => $"{name}/{ManifestName}";

    private async Task<ArtifactManifest?> ReadManifestAsync(string artifact, string? expectedHash, CancellationToken cancellation)
    {
        string name = ManifestOf(artifact);
        await using Stream? content = await blobs.OpenAsync(name, cancellation);
        if (content is null)
        {
            return null;
        }

        using MemoryStream bytes = new();
        await content.CopyToAsync(bytes, cancellation);
        string hash = Convert.ToHexStringLower(SHA256.HashData(bytes.ToArray()));
        return expectedHash is null || hash == expectedHash
            ? JsonSerializer.Deserialize<ArtifactManifest>(bytes.ToArray(), Json)!
            : throw new ArtifactException($"\"{name}\" has the SHA-256 {hash}, it was saved with {expectedHash}");
    }
}
