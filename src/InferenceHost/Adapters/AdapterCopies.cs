using Inference.Generation.Adapters;
using Inference.Models.Lora;

namespace Inference.InferenceHost.Adapters;

/// <summary>
/// Which copies of a bucket's adapters stay on the disk. Beyond the budget those leave that no name means any more, the one that was longest not
/// asked for first; never one that a loaded model has in memory, and never one that was asked for within the last minutes, by any process of this machine:
/// the time of a copy's last request is that of its directory.
/// </summary>
internal sealed class AdapterCopies(AdapterDirectory directory, long budgetBytes, TimeProvider time)
{
    /// <summary>What a directory is called while it is written, and before it is removed, with something unique behind it.</summary>
    public const string PartialPrefix = ".partial-";

    /// <summary>A request that was told of a copy has read it long before.</summary>
    private static readonly TimeSpan Fresh = TimeSpan.FromMinutes(10), Noted = TimeSpan.FromMinutes(1), Forgotten = TimeSpan.FromDays(1);

    private readonly Lock _gate = new();
    private readonly List<WeakReference<AdapterPool>> _pools = [];

    /// <summary>Adapters that this pool has in memory keep their copies.</summary>
    public void KeepThoseOf(AdapterPool pool)
    {
        lock (_gate)
        {
            _pools.RemoveAll(known => !known.TryGetTarget(out _));
            _pools.Add(new WeakReference<AdapterPool>(pool));
        }
    }

    /// <summary>A copy of the version is there, and stays for the request that asks.</summary>
    public bool TryUse(string name, string version)
    {
        lock (_gate)
        {
            if (directory.Find($"{name}{AdapterDirectory.VersionSeparator}{version}") is not { } copy)
            {
                return false;
            }

            DateTime now = time.GetUtcNow().UtcDateTime;
            if (now - Directory.GetLastWriteTimeUtc(copy.Path) > Noted)
            {
                Directory.SetLastWriteTimeUtc(copy.Path, now);
            }

            return true;
        }
    }

    /// <summary>Removes what is beyond the budget and may leave, and what a process that ended has left half-written.</summary>
    public void Trim()
    {
        List<string> removed = [];
        lock (_gate)
        {
            DateTime now = time.GetUtcNow().UtcDateTime;
            DirectoryInfo[] copies = [.. Versions()];
            Dictionary<string, long> sizes = copies.ToDictionary(copy => copy.FullName, copy => copy.EnumerateFiles().Sum(file => file.Length));
            HashSet<string> kept = [.. directory.Names().Select(name => directory.Find(name)).OfType<AdapterVersion>().Select(version => version.Path), .. Pools().SelectMany(pool => pool.List()).Select(adapter => adapter.Path)];
            long total = sizes.Values.Sum();
            foreach (DirectoryInfo copy in copies.Where(copy => !kept.Contains(copy.FullName) && now - copy.LastWriteTimeUtc > Fresh).OrderBy(copy => copy.LastWriteTimeUtc))
            {
                if (total <= budgetBytes)
                {
                    break;
                }

                // Under another name at once: nobody sees half a copy.
                total -= sizes[copy.FullName];
                string leaving = Path.Combine(directory.Root, $"{PartialPrefix}{Guid.NewGuid():N}");
                copy.MoveTo(leaving);
                removed.Add(leaving);
            }

            removed.AddRange(new DirectoryInfo(directory.Root).EnumerateDirectories($"{PartialPrefix}*").Where(left => now - left.LastWriteTimeUtc > Forgotten).Select(left => left.FullName));
        }

        foreach (string path in removed.Distinct())
        {
            Directory.Delete(path, recursive: true);
        }
    }

    private IEnumerable<DirectoryInfo> Versions() => Directory.EnumerateDirectories(directory.Root).Select(path => Path.GetFileName(path)!)
        .SelectMany(name => directory.Versions(name).Select(version => new DirectoryInfo(directory.PathOf(name, version))));

    private IEnumerable<AdapterPool> Pools()
    {
        foreach (WeakReference<AdapterPool> known in _pools)
        {
            if (known.TryGetTarget(out AdapterPool? pool))
            {
                yield return pool;
            }
        }
    }
}
