using Inference.Models;
using Inference.Models.Lora;
using Inference.Models.Weights;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Inference.Generation.Adapters;

/// <summary>
/// The adapters of one model, in memory by the hash of their contents: two names of one content share it, a new content under an
/// old name is another adapter. Adapters are read on the request that needs them, on a thread of its own, while the engine goes
/// on; the least recently used leave when the budget is exceeded, never one that is pinned or in use. Thread-safe.
/// </summary>
public sealed class AdapterPool : IDisposable
{
    private const int MaxReadings = 3;

    private readonly ICausalModel _model;
    private readonly AdapterPoolOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, (FileStamp Stamp, Task<LoadedAdapter> Load)> _byPath = [];
    private readonly Dictionary<string, LoadedAdapter> _byHash = [];
    private readonly List<LoadedAdapter> _leaving = [];
    private readonly Dictionary<string, string> _registered = [];
    private readonly Dictionary<string, AdapterUsage> _usage = [];
    private long _uses;
    private bool _disposed;

    /// <summary>Reads nothing yet.</summary>
    /// <param name="model">The base; stays the caller's and must outlive the pool.</param>
    /// <param name="options">Directory and budget.</param>
    /// <param name="time">Clock; null is the system's.</param>
    /// <param name="logger">Log, or null.</param>
    /// <exception cref="InvalidRequestException">An option is out of its range.</exception>
    public AdapterPool(ICausalModel model, AdapterPoolOptions options, TimeProvider? time = null, ILogger? logger = null)
    {
        if (options.Validate() is { Count: > 0 } violations)
            throw new InvalidRequestException(violations);
        (_model, _options) = (model, options);
        _time = time ?? TimeProvider.System;
        _logger = logger ?? NullLogger.Instance;
        Directory = string.IsNullOrEmpty(options.Directory) ? null : new AdapterDirectory(options.Directory);
    }

    /// <summary>Where adapters are found by name, or null.</summary>
    public AdapterDirectory? Directory { get; }

    /// <summary>The budget.</summary>
    public long BudgetBytes => _options.BudgetBytes;

    /// <summary>Adapters that were read.</summary>
    public long Loads { get; private set; }

    /// <summary>Adapters that left for others.</summary>
    public long Evictions { get; private set; }

    /// <summary>Seconds that reading adapters took, in sum.</summary>
    public double LoadSeconds { get; private set; }

    /// <summary>Everything loaded, those that are leaving too.</summary>
    public IReadOnlyList<AdapterInfo> List()
    {
        lock (_gate)
            return [.. _byHash.Values.Concat(_leaving).Select(a => a.Info())];
    }

    /// <summary>What was counted, by name.</summary>
    public IReadOnlyList<AdapterUsage> Usage()
    {
        lock (_gate)
            return [.. _usage.Values];
    }

    /// <summary>Names that were loaded by path, in ordinal order.</summary>
    public IReadOnlyList<string> Registered()
    {
        lock (_gate)
            return [.. _registered.Keys.Order(StringComparer.Ordinal)];
    }

    /// <summary>There is an adapter of this name: loaded by path, or in the directory.</summary>
    public bool Knows(string reference) => Find(reference) is not null;

    /// <summary>
    /// The adapter that a name means at this moment ("name", "name@version", or what was loaded by path), read if it is not in
    /// memory. What other requests do does not wait for it.
    /// </summary>
    /// <exception cref="UnknownAdapterException">There is none.</exception>
    /// <exception cref="ModelFormatException">Its files are damaged, of another base, or of a kind that is not supported.</exception>
    /// <exception cref="AdapterBudgetException">It finds no room.</exception>
    public async Task<AdapterLease> AcquireAsync(string reference, CancellationToken cancellationToken = default)
    {
        if (_options.FetchAsync is { } fetch && !IsRegistered(reference))
            await fetch(reference, cancellationToken).ConfigureAwait(false);
        string path = Find(reference) ?? throw new UnknownAdapterException(reference);
        while (true)
        {
            LoadedAdapter adapter = await LoadedAsync(reference, path).WaitAsync(cancellationToken).ConfigureAwait(false);
            lock (_gate)
            {
                if (adapter.IsLeaving)
                    continue;
                adapter.Leases++;
                adapter.LastUse = ++_uses;
                adapter.Names.Add(reference);
                return new AdapterLease(adapter, UsageOf(reference), () => Release(adapter));
            }
        }
    }

    /// <summary>Reads an adapter before the first request needs it.</summary>
    /// <param name="reference">Name, or name@version.</param>
    /// <param name="path">Directory that the name is to mean until it is unloaded; null: look in the adapters' directory.</param>
    /// <param name="pin">Keep it whatever the budget.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="InvalidRequestException">The name is none, or means another path already.</exception>
    /// <exception cref="UnknownAdapterException">There is none.</exception>
    /// <exception cref="ModelFormatException">Its files are damaged, of another base, or of a kind that is not supported.</exception>
    /// <exception cref="AdapterBudgetException">It finds no room.</exception>
    public async Task<AdapterInfo> LoadAsync(string reference, string? path = null, bool pin = false, CancellationToken cancellationToken = default)
    {
        bool isNew = path is not null && Register(reference, path);
        try
        {
            using AdapterLease lease = await AcquireAsync(reference, cancellationToken).ConfigureAwait(false);
            lock (_gate)
            {
                lease.Adapter.IsPinned |= pin;
                return lease.Adapter.Info() with { Leases = lease.Adapter.Leases - 1 };
            }
        }
        catch when (isNew)
        {
            lock (_gate)
                _registered.Remove(reference);
            throw;
        }
    }

    /// <summary>
    /// Takes an adapter out of memory, and its name away where it was loaded by path. No new request gets this copy; the call ends
    /// when the last request that uses it has ended. A name of the directory is read again by the next request that asks for it.
    /// </summary>
    /// <exception cref="UnknownAdapterException">No adapter of this name is loaded.</exception>
    public async Task UnloadAsync(string reference, CancellationToken cancellationToken = default)
    {
        LoadedAdapter? adapter = Loaded(reference);
        lock (_gate)
        {
            bool wasRegistered = _registered.Remove(reference);
            if (adapter is null)
            {
                if (!wasRegistered)
                    throw new UnknownAdapterException(reference);
                return;
            }

            if (!adapter.IsLeaving)
                Dismiss(adapter);
        }

        await adapter.Gone.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Keeps a loaded adapter whatever the budget, or no longer.</summary>
    /// <exception cref="UnknownAdapterException">No adapter of this name is loaded.</exception>
    public AdapterInfo Pin(string reference, bool pinned)
    {
        LoadedAdapter adapter = Loaded(reference) ?? throw new UnknownAdapterException(reference);
        lock (_gate)
        {
            adapter.IsPinned = pinned;
            return adapter.Info();
        }
    }

    /// <summary>Frees all adapters. Requests that use one must have ended.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
            foreach (LoadedAdapter adapter in _byHash.Values.ToArray())
                Dismiss(adapter);
        }
    }

    /// <summary>The directory that a name means now.</summary>
    private string? Find(string reference)
    {
        lock (_gate)
        {
            if (_registered.TryGetValue(reference, out string? path))
                return path;
        }

        return Directory?.Find(reference)?.Path;
    }

    private bool IsRegistered(string reference)
    {
        lock (_gate)
            return _registered.ContainsKey(reference);
    }

    private bool Register(string name, string path)
    {
        if (AdapterDirectory.Fault(name) is { } fault)
            throw new InvalidRequestException("name", fault);
        lock (_gate)
        {
            if (_registered.TryAdd(name, path))
                return true;
            return _registered[name] == path ? false : throw new InvalidRequestException("name", $"\"{name}\" is loaded from another path: unload it first");
        }
    }

    /// <summary>The adapter in memory that a name means: what its path has, or had when it was last asked for by this name.</summary>
    private LoadedAdapter? Loaded(string reference)
    {
        string? path = Find(reference);
        lock (_gate)
        {
            return path is not null && _byPath.TryGetValue(path, out (FileStamp Stamp, Task<LoadedAdapter> Load) known) && known.Load is { IsCompletedSuccessfully: true, Result.IsLeaving: false }
                ? known.Load.Result
                : _byHash.Values.Concat(_leaving).FirstOrDefault(adapter => adapter.Names.Contains(reference));
        }
    }

    /// <summary>The adapter at a path, or the reading of it. The files are looked at each time: they may have been replaced.</summary>
    private Task<LoadedAdapter> LoadedAsync(string reference, string path)
    {
        FileStamp stamp = FileStamp.Of(path);
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (_byPath.TryGetValue(path, out (FileStamp Stamp, Task<LoadedAdapter> Load) known) && known.Stamp == stamp
                && (!known.Load.IsCompleted || known.Load is { IsCompletedSuccessfully: true, Result.IsLeaving: false }))
                return known.Load;
            Task<LoadedAdapter> load = Task.Run(() => Load(reference, path));
            _byPath[path] = (stamp, load);
            return load;
        }
    }

    private LoadedAdapter Load(string reference, string path)
    {
        long began = _time.GetTimestamp();
        try
        {
            LoraAdapter files = Open(path);
            lock (_gate)
            {
                if (_byHash.TryGetValue(files.ContentHash, out LoadedAdapter? same))
                {
                    files.Dispose();
                    return same;
                }
            }

            LoadedAdapter adapter = new(path, _model.Bind(files, _options.Format), _time.GetUtcNow());
            lock (_gate)
            {
                if (_disposed || _byHash.ContainsKey(adapter.Weights.ContentHash))
                {
                    adapter.Weights.Dispose();
                    ObjectDisposedException.ThrowIf(_disposed, this);
                    return _byHash[adapter.Weights.ContentHash];
                }

                MakeRoom(reference, adapter);
                adapter.LastUse = ++_uses;
                _byHash.Add(adapter.Weights.ContentHash, adapter);
                Loads++;
                LoadSeconds += _time.GetElapsedTime(began).TotalSeconds;
            }

            EngineLog.AdapterLoaded(_logger, reference, path, adapter.Weights.ByteLength, _time.GetElapsedTime(began).TotalSeconds);
            return adapter;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ModelFormatException(path, $"the adapter cannot be read: {e.Message}", e);
        }
        catch (AdapterBudgetException)
        {
            throw;
        }
        catch (ModelFormatException e)
        {
            EngineLog.AdapterRefused(_logger, reference, e.Message);
            throw;
        }
    }

    /// <summary>Opens files that stay the same meanwhile: the hash must be that of the mapped contents.</summary>
    private static LoraAdapter Open(string path)
    {
        for (int i = 0; i < MaxReadings; i++)
        {
            FileStamp before = FileStamp.Of(path);
            LoraAdapter files = PeftAdapter.Open(path);
            if (FileStamp.Of(path) == before)
                return files;
            files.Dispose();
        }

        throw new ModelFormatException(path, $"the files changed while they were read, {MaxReadings} times");
    }

    private void MakeRoom(string reference, LoadedAdapter newcomer)
    {
        long held = _byHash.Values.Concat(_leaving).Sum(a => a.Weights.ByteLength);
        LoadedAdapter[] idle = [.. _byHash.Values.Where(a => a is { Leases: 0, IsPinned: false }).OrderBy(a => a.LastUse)];
        long staying = held - idle.Sum(a => a.Weights.ByteLength);
        if (staying + newcomer.Weights.ByteLength > _options.BudgetBytes)
        {
            newcomer.Weights.Dispose();
            throw new AdapterBudgetException(reference, newcomer.Weights.ByteLength, staying, _options.BudgetBytes);
        }

        foreach (LoadedAdapter adapter in idle.TakeWhile(_ => held + newcomer.Weights.ByteLength > _options.BudgetBytes))
        {
            held -= adapter.Weights.ByteLength;
            Evictions++;
            Dismiss(adapter);
        }
    }

    /// <summary>Nobody gets the adapter any more; it goes with its last lease.</summary>
    private void Dismiss(LoadedAdapter adapter)
    {
        adapter.IsLeaving = true;
        _byHash.Remove(adapter.Weights.ContentHash);
        _leaving.Add(adapter);
        foreach (string path in _byPath.Where(p => p.Value.Load is { IsCompletedSuccessfully: true } load && load.Result == adapter).Select(p => p.Key).ToArray())
            _byPath.Remove(path);
        FreeIfIdle(adapter);
    }

    private void Release(LoadedAdapter adapter)
    {
        lock (_gate)
        {
            adapter.Leases--;
            FreeIfIdle(adapter);
        }
    }

    private void FreeIfIdle(LoadedAdapter adapter)
    {
        if (adapter is not { IsLeaving: true, Leases: 0 })
            return;
        _leaving.Remove(adapter);

        // Who lets go of it last is the engine's thread, and to give back large memory takes a while.
        string names = string.Join(", ", adapter.Names);
        _ = Task.Run(() =>
        {
            adapter.Weights.Dispose();
            EngineLog.AdapterUnloaded(_logger, names, adapter.Path);
            adapter.Gone.SetResult();
        });
    }

    private AdapterUsage UsageOf(string reference)
    {
        string name = _usage.ContainsKey(reference) || _usage.Count < _options.MaxMetricNames ? reference : "other";
        if (!_usage.TryGetValue(name, out AdapterUsage? usage))
            _usage[name] = usage = new AdapterUsage(name);
        return usage;
    }
}
