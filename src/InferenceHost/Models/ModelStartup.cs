using Inference.Hosting.Health;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Inference.InferenceHost.Models;

/// <summary>Loads the configured models; the host is ready once all are loaded and warm. One that cannot be loaded ends the host.</summary>
internal sealed class ModelStartup(
    ModelCatalog catalog, ModelPaths paths, IOptions<ModelsOptions> options, HostState state,
    IHostApplicationLifetime lifetime, ILogger<ModelStartup> logger) : BackgroundService
{
    /// <summary>Whether a configured model could not be loaded.</summary>
    public bool Failed { get; private set; }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (options.Value.Load.Length == 0)
        {
            catalog.ModelReady += state.SetReady;
            return;
        }

        foreach (ModelSource source in options.Value.Load)
        {
            try
            {
                await catalog.LoadAsync(source.Name, paths.ResolveConfigured(source.Path), null, stoppingToken);
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                HostLog.ModelFailed(logger, source.Name, exception.Message, exception);
                Failed = true;
                lifetime.StopApplication();
                return;
            }
        }

        state.SetReady();
    }
}
