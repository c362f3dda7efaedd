using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Inference.Hosting.Health;

/// <summary>
/// On SIGTERM, before the server stops listening: stops admission and waits for the running requests, at most
/// <see cref="ServerOptions.DrainTimeout"/>. Health and metrics are served meanwhile.
/// </summary>
internal sealed class DrainService(HostState state, IOptions<ServerOptions> options, TimeProvider time, ILogger<DrainService> logger)
    : IHostedLifecycleService
{
    /// <inheritdoc/>
    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        TimeSpan timeout = options.Value.DrainTimeout;
        HostingLog.Draining(logger, state.Running, timeout);
        try
        {
            await state.DrainAsync().WaitAsync(timeout, time, cancellationToken);
            HostingLog.Drained(logger);
        }
        catch (Exception exception) when (exception is TimeoutException or OperationCanceledException)
        {
            HostingLog.DrainTimedOut(logger, timeout, state.Running);
        }
    }

    /// <inheritdoc/>
    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
