using System.Collections.Concurrent;
using System.Text.Json;
using Amazon.Runtime;
using Inference.Artifacts;
using Inference.Models.Lora;
using Inference.Models.Weights;

namespace Inference.InferenceHost.Adapters;

/// <summary>
/// A directory with copies of the adapters in a bucket, brought there by the requests that need them. A version's files are checked by the
/// hashes of its manifest, and never change; what a name means is asked for at most once a second. While the bucket does not answer, names
/// keep what they meant.
/// </summary>
internal sealed class AdapterMirror(IBlobStore blobs, ArtifactStore artifacts, AdapterDirectory directory, AdapterCopies copies, TimeProvider time)
{
    private const string PublishedName = "published.json";

    private static readonly TimeSpan MaxAge = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<string, (long Begun, Task Task)> _names = [];
    private readonly ConcurrentDictionary<string, Lazy<Task>> _versions = [];

    /// <summary>Brings the adapter that a reference means at this moment into the directory, if the bucket has it.</summary>
    /// <exception cref="ModelFormatException">The bucket does not answer, or the files are not those that were saved.</exception>
    public async Task FetchAsync(string reference, CancellationToken cancellation)
    {
        string[] parts = reference.Split(AdapterDirectory.VersionSeparator, 2);
        if (parts.Any(p => AdapterDirectory.Fault(p) is not null))
        {
            return;
        }

        try
        {
            await (parts.Length == 1 ? NameAsync(reference) : VersionAsync(parts[0], parts[1])).WaitAsync(cancellation);
        }
        catch (Exception e) when (e is AmazonServiceException or HttpRequestException or IOException or ArtifactException or JsonException)
        {
            if (directory.Find(reference) is null || e is ArtifactException)
            {
                throw new ModelFormatException(reference, $"the adapter cannot be read from the artifact store: {e.Message}", e);
            }
        }
    }

    /// <summary>Lets the bucket's name mean what the directory's does.</summary>
    public async Task PublishAsync(string name, CancellationToken cancellation)
    {
        string pointer = string.Concat(directory.History(name).Select(target => $"{target}\n"));
        await blobs.PutAsync(Blob(name, AdapterDirectory.PointerName), new MemoryStream(System.Text.Encoding.UTF8.GetBytes(pointer)), cancellation);
    }

    private Task NameAsync(string name)
    {
        lock (_names)
        {
            if (_names.TryGetValue(name, out (long Begun, Task Task) known) && (!known.Task.IsCompleted || (known.Task.IsCompletedSuccessfully && time.GetElapsedTime(known.Begun) < MaxAge)))
            {
                return known.Task;
            }

            // Not the request's own task: others wait for it too.
            Task task = Task.Run(() => ReadPointerAsync(name));
            _names[name] = (time.GetTimestamp(), task);
            return task;
        }
    }

    private async Task ReadPointerAsync(string name)
    {
        await using Stream? pointer = await blobs.OpenAsync(Blob(name, AdapterDirectory.PointerName));
        string[] history = pointer is null ? [] : (await new StreamReader(pointer).ReadToEndAsync()).Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (history.Length == 0)
        {
            directory.SetHistory(name, []);
            return;
        }

        string[] target = history[0].Split(AdapterDirectory.VersionSeparator, 2);
        await (target.Length == 1 ? VersionAsync(name, target[0]) : VersionAsync(target[0], target[1]));
        directory.SetHistory(name, history);
    }

    private async Task VersionAsync(string name, string version)
    {
        if (copies.TryUse(name, version))
        {
            return;
        }

        string key = Blob(name, version);
        try
        {
            await _versions.GetOrAdd(key, _ => new Lazy<Task>(() => Task.Run(() => CopyAsync(name, version)))).Value;
        }
        finally
        {
            _versions.TryRemove(key, out _);
        }
    }

    /// <summary>Beside the directory's names, then renamed: a version that is there is whole.</summary>
    private async Task CopyAsync(string name, string version)
    {
        string path = directory.PathOf(name, version), partial = Path.Combine(directory.Root, $"{AdapterCopies.PartialPrefix}{Guid.NewGuid():N}");
        try
        {
            if (!await artifacts.TryLoadAsync(Blob(name, version), await ManifestHashAsync(name, version), partial))
            {
                return;
            }

            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            Directory.Move(partial, path);
        }
        catch (IOException) when (Directory.Exists(path))
        {
            // Another process of this machine was quicker.
        }
        finally
        {
            if (Directory.Exists(partial))
            {
                Directory.Delete(partial, recursive: true);
            }
        }

        copies.Trim();
    }

    /// <summary>The hash of a version's manifest, where the trainer's last publication under this name tells it.</summary>
    private async Task<string?> ManifestHashAsync(string name, string version)
    {
        await using Stream? file = await blobs.OpenAsync(Blob(name, PublishedName));
        if (file is null)
        {
            return null;
        }

        using JsonDocument published = await JsonDocument.ParseAsync(file);
        return published.RootElement.GetProperty("version").GetString() == version ? published.RootElement.GetProperty("manifest_sha256").GetString() : null;
    }

    private static string Blob(string name, string file) => $"{BlobName.Adapters}/{name}/{file}";
}
