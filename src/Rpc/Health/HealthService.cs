using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Inference.Rpc.Health.V1;
using Inference.Rpc.Server;
using static Inference.Rpc.Health.V1.HealthCheckResponse.Types;

namespace Inference.Rpc.Health;

/// <summary>
/// grpc.health.v1. The empty name stands for the whole server, serving from the start; set the other services when they
/// can answer. All members may be called from any thread.
/// </summary>
public sealed class HealthService
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, ServingStatus> _statuses = new() { [""] = ServingStatus.Serving };
    private readonly List<(string Service, Channel<ServingStatus> Changes)> _watchers = [];
    private bool _draining;

    /// <summary>Sets a service's status; after <see cref="Drain"/> without effect on what callers see.</summary>
    public void Set(string service, ServingStatus status)
    {
        lock (_lock)
            SetLocked(service, _draining ? ServingStatus.NotServing : status);
    }

    /// <summary>The server is about to stop: all services are NOT_SERVING from now on.</summary>
    public void Drain()
    {
        lock (_lock)
        {
            _draining = true;
            foreach (string service in _statuses.Keys.ToArray())
                SetLocked(service, ServingStatus.NotServing);
        }
    }

    /// <summary>The current status, null for a service that is not known.</summary>
    public ServingStatus? Get(string service)
    {
        lock (_lock)
            return _statuses.TryGetValue(service, out ServingStatus status) ? status : null;
    }

    internal Task<HealthCheckResponse> CheckAsync(HealthCheckRequest request, CallContext context) =>
        Task.FromResult(new HealthCheckResponse
        {
            Status = Get(request.Service) ?? throw new RpcException(StatusCode.NotFound, $"service '{request.Service}' is not known"),
        });

    internal Task<HealthListResponse> ListAsync(HealthListRequest request, CallContext context)
    {
        HealthListResponse response = new();
        lock (_lock)
        {
            foreach (var (service, status) in _statuses)
                response.Statuses.Add(service, new HealthCheckResponse { Status = status });
        }
        return Task.FromResult(response);
    }

    /// <summary>Tells NOT_SERVING and ends with UNAVAILABLE when the server stops.</summary>
    internal async IAsyncEnumerable<HealthCheckResponse> WatchAsync(
        HealthCheckRequest request, CallContext context, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        var changes = Channel.CreateBounded<ServingStatus>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropOldest });
        var watcher = (request.Service, changes);
        lock (_lock)
        {
            _watchers.Add(watcher);
            changes.Writer.TryWrite(_statuses.GetValueOrDefault(request.Service, ServingStatus.ServiceUnknown));
        }
        using var stop = context.ServerStopping.Register(() =>
        {
            changes.Writer.TryWrite(ServingStatus.NotServing);
            changes.Writer.TryComplete();
        });
        try
        {
            ServingStatus? last = null;
            await foreach (ServingStatus status in changes.Reader.ReadAllAsync(cancellation))
            {
                if (status != last)
                    yield return new() { Status = status };
                last = status;
            }
        }
        finally
        {
            lock (_lock)
                _watchers.Remove(watcher);
        }
        throw new RpcException(StatusCode.Unavailable, "the server is stopping");
    }

    private void SetLocked(string service, ServingStatus status)
    {
        _statuses[service] = status;
        foreach (var (watched, changes) in _watchers)
        {
            if (watched == service)
                changes.Writer.TryWrite(status);
        }
    }
}
