using Inference.Generation;
using Inference.Hosting;
using Inference.InferenceHost.Adapters;
using Inference.Tensors;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Inference.InferenceHost.Models;

/// <summary>The models of a host by name: loads, finds and unloads them. Thread-safe.</summary>
public sealed class ModelCatalog(
    IOptions<ModelsOptions> options, IOptions<LlmEngineOptions> engine, IOptions<DeviceOptions> device, IOptions<ServerOptions> server,
    AdapterSettings adapters, TokenizersAhead tokenizers, GenerationMetrics metrics, TimeProvider time, ILoggerFactory loggers) : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly List<CatalogEntry> _entries = [];
    private readonly ILogger _logger = loggers.CreateLogger<ModelCatalog>();

    /// <summary>Raised after a model has become ready.</summary>
    public event Action? ModelReady;

    /// <summary>All models, in the order in which they were added.</summary>
    public IReadOnlyList<CatalogEntry> List()
    {
        lock (_lock)
        {
            return [.. _entries];
        }
    }

    /// <summary>A model in whatever state.</summary>
    /// <exception cref="UnknownModelException">There is none of this name.</exception>
    public CatalogEntry Get(string name)
    {
        lock (_lock)
        {
            return _entries.Find(e => e.Name == name) ?? throw new UnknownModelException(name);
        }
    }

    /// <summary>A model that answers; null or "" finds the default one.</summary>
    /// <exception cref="UnknownModelException">There is none of this name.</exception>
    /// <exception cref="ModelNotReadyException">It is being loaded or unloaded.</exception>
    public LanguageModel Find(string? name)
    {
        CatalogEntry entry = Get(string.IsNullOrEmpty(name) ? DefaultName() : name);
        return entry.State == ModelState.Ready ? entry.Model! : throw new ModelNotReadyException(entry.Name, entry.State);
    }

    /// <summary>
    /// The model and the adapter that a request names: "model", "model:adapter", or, as vLLM has it, only an adapter, of the default
    /// model. A field of its own may name the adapter.
    /// </summary>
    /// <exception cref="UnknownModelException">There is none of this name.</exception>
    /// <exception cref="ModelNotReadyException">It is being loaded or unloaded.</exception>
    /// <exception cref="InvalidRequestException">Both names of the adapter are there, and differ.</exception>
    public NamedModel Resolve(string? name, string? adapter)
    {
        string asked = adapter ?? "";
        if (string.IsNullOrEmpty(name) || Has(name))
        {
            return new NamedModel(Find(name), asked);
        }

        for (int colon = name.LastIndexOf(':'); colon > 0; colon = name.LastIndexOf(':', colon - 1))
        {
            if (Has(name[..colon]))
            {
                return new NamedModel(Find(name[..colon]), Same(name[(colon + 1)..], asked));
            }
        }

        return List().Any(e => e.Name == DefaultName() && e.Model?.Adapters.Knows(name) == true)
            ? new NamedModel(Find(null), Same(name, asked)) : throw new UnknownModelException(name);
    }

    /// <summary>Loads a model.</summary>
    /// <param name="name">Name under which it is served.</param>
    /// <param name="path">Directory or file, already confined to the roots.</param>
    /// <param name="draftPath">The same of a model that guesses for it, or null.</param>
    /// <param name="progress">Told of each stage, or null.</param>
    /// <param name="cancellationToken">Gives the loading up.</param>
    /// <exception cref="InvalidRequestException">The name is no name.</exception>
    /// <exception cref="ModelExistsException">The name is taken.</exception>
    /// <exception cref="TooManyModelsException">The limit is reached.</exception>
    /// <exception cref="Inference.Models.Weights.ModelFormatException">A file is missing or broken.</exception>
    public async Task<CatalogEntry> LoadAsync(string name, string path, string? draftPath, IProgress<ModelLoadProgress>? progress, CancellationToken cancellationToken)
    {
        CatalogEntry loading = Reserve(name);
        try
        {
            long start = time.GetTimestamp();
            IBackend backend = Backends.Create(device.Value, _logger);
            Task<ModelFacts> facts = Task.Run(() => ModelFacts.Read(path, backend.Name), CancellationToken.None);
            LanguageModel model = await LanguageModel.OpenAsync(
                new LanguageModelOptions { Name = name, Path = path, DraftPath = draftPath, Tokenizer = tokenizers.Take(path), Engine = engine.Value, Adapters = adapters.Value }, backend, metrics, time, loggers, progress, cancellationToken);
            adapters.Copied?.KeepThoseOf(model.Adapters);
            CatalogEntry ready = new(name, ModelState.Ready, model, await facts, time.GetUtcNow());
            Replace(loading, ready);
            HostLog.ModelLoaded(_logger, name, ready.Facts!.Device, path, time.GetElapsedTime(start).TotalSeconds);
            ModelReady?.Invoke();
            return ready;
        }
        catch
        {
            Replace(loading, null);
            throw;
        }
    }

    /// <summary>Stops admitting requests to the model, lets the running ones finish within the drain timeout, and frees it.</summary>
    /// <exception cref="UnknownModelException">There is none of this name.</exception>
    /// <exception cref="ModelNotReadyException">It is being loaded or unloaded.</exception>
    public async Task UnloadAsync(string name)
    {
        CatalogEntry unloading;
        lock (_lock)
        {
            CatalogEntry entry = _entries.Find(e => e.Name == name) ?? throw new UnknownModelException(name);
            unloading = entry.State == ModelState.Ready ? entry with { State = ModelState.Unloading } : throw new ModelNotReadyException(name, entry.State);
            _entries[_entries.IndexOf(entry)] = unloading;
        }

        await unloading.Model!.Engine.DrainAsync(server.Value.DrainTimeout);
        await unloading.Model.DisposeAsync();
        Replace(unloading, null);
        HostLog.ModelUnloaded(_logger, name);
    }

    /// <summary>Frees all models.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (LanguageModel model in List().Where(e => e.State == ModelState.Ready).Select(e => e.Model!))
        {
            await model.DisposeAsync();
        }
    }

    private static string Same(string inModel, string asked) => asked.Length == 0 || asked == inModel ? inModel
        : throw new InvalidRequestException("adapter", $"is \"{asked}\", but model names the adapter \"{inModel}\"");

    private bool Has(string name)
    {
        lock (_lock)
        {
            return _entries.Exists(e => e.Name == name);
        }
    }

    private string DefaultName() => options.Value.Default is { Length: > 0 } name ? name : List().FirstOrDefault()?.Name ?? "";

    private CatalogEntry Reserve(string name)
    {
        if (ModelName.Fault(name) is { } fault)
        {
            throw new InvalidRequestException("name", fault);
        }

        lock (_lock)
        {
            if (_entries.Exists(e => e.Name == name))
            {
                throw new ModelExistsException(name);
            }

            if (_entries.Count >= options.Value.MaxLoaded)
            {
                throw new TooManyModelsException(options.Value.MaxLoaded);
            }

            CatalogEntry loading = new(name, ModelState.Loading, null, null, null);
            _entries.Add(loading);
            return loading;
        }
    }

    private void Replace(CatalogEntry old, CatalogEntry? entry)
    {
        lock (_lock)
        {
            int index = _entries.IndexOf(old);
            if (entry is null)
            {
                _entries.RemoveAt(index);
            }
            else
            {
                _entries[index] = entry;
            }
        }
    }
}
