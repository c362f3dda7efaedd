using Inference.Hosting.Health;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Inference.InferenceHost.Models;

/// <summary>Loads the configured models; the host is ready once all are loaded. One that cannot be loaded ends the host.</summary>
internal sealed class ModelStartup(
    ModelCatalog catalog, ModelPaths paths, IOptions<ModelsOptions> options, HostState state,
    IHostApplicationLifetime lifetime, ILogger<ModelStartup> logger) : BackgroundService
{
    private Task<(ModelSource Source, Exception Exception)?>? _loading;

    /// <summary>Whether a configured model could not be loaded.</summary>
    public bool Failed { get; private set; }

    /// <summary>Begins to load, so that the rest of the host is put together meanwhile. Without it loading begins when the host starts.</summary>
    public void Begin() => _loading ??= Task.Run(() => LoadAsync(lifetime.ApplicationStopping));

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (options.Value.Load.Length == 0)
        {
            catalog.ModelReady += () => state.SetReady(InferenceServer.Role.Name);
            return;
        }

        Begin();
        if (await _loading! is not (ModelSource source, Exception exception))
        {
            state.SetReady(InferenceServer.Role.Name);
        }
        else if (!stoppingToken.IsCancellationRequested)
        {
            HostLog.ModelFailed(logger, source.Name, exception.Message, exception);
            Failed = true;

            // A host that is still starting takes a stop for a failure of its own.
            TaskCompletionSource started = new(TaskCreationOptions.RunContinuationsAsynchronously);
            await using (lifetime.ApplicationStarted.Register(started.SetResult))
            {
                await started.Task;
            }

            lifetime.StopApplication();
        }
    }

    /// <returns>The model that cannot be loaded and why, or null.</returns>
    private async Task<(ModelSource Source, Exception Exception)?> LoadAsync(CancellationToken cancellationToken)
    {
        foreach (ModelSource source in options.Value.Load)
        {
            try
            {
                await catalog.LoadAsync(source.Name, paths.ResolveConfigured(source.Path), source.DraftPath is { Length: > 0 } draft ? paths.ResolveConfigured(draft) : null, null, cancellationToken);
            }
            catch (Exception exception)
            {
                return (source, exception);
            }
        }

        return null;
    }
}
