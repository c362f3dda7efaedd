using Inference.Artifacts;
using Inference.Generation.Adapters;
using Inference.Models.Lora;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Inference.InferenceHost.Adapters;

/// <summary>
/// The section "Adapters", with its directory made absolute. Without one, the adapters of the artifact store are served, if the host has a
/// store: from its directory, or from copies of what its bucket has.
/// </summary>
public sealed class AdapterSettings
{
    /// <summary>Name of the configuration section.</summary>
    public const string Section = "Adapters";

    private const string Copies = "adapter-copies";

    /// <summary>Takes the options, and the store that one of the host's roles has added.</summary>
    public AdapterSettings(
        IOptions<AdapterPoolOptions> options, IHostEnvironment environment, IEnumerable<IBlobStore> stores, IEnumerable<ArtifactStore> artifacts,
        IOptions<StorageOptions> storage, IOptions<AdapterCopiesOptions> copies, TimeProvider time)
    {
        Value = options.Value;
        IBlobStore? store = stores.SingleOrDefault();
        string? directory = !string.IsNullOrEmpty(Value.Directory) ? Path.Combine(environment.ContentRootPath, Value.Directory)
            : store is LocalBlobStore local ? Path.Combine(local.Root, BlobName.Adapters)
            : store is not null ? Path.Combine(storage.Value.FullPath, Copies) : null;
        if (directory is null)
        {
            return;
        }

        Value = Value with { Directory = directory };
        if (store is not null and not LocalBlobStore)
        {
            // Of a directory that was configured nobody knows that all in it are copies.
            long budget = string.IsNullOrEmpty(options.Value.Directory) ? copies.Value.CopiesBytes : long.MaxValue;
            AdapterDirectory files = new(directory);
            Copied = new AdapterCopies(files, budget, time);
            Mirror = new AdapterMirror(store, artifacts.Single(), files, Copied, time);
            Value = Value with { FetchAsync = Mirror.FetchAsync };
        }
    }

    /// <summary>What every model gets.</summary>
    public AdapterPoolOptions Value { get; }

    /// <summary>The copies of a bucket's adapters, or null.</summary>
    internal AdapterCopies? Copied { get; }

    /// <summary>What keeps copies of a bucket's adapters in the directory, or null.</summary>
    internal AdapterMirror? Mirror { get; }
}
