using Inference.Rpc.Health.V1;
using Inference.Rpc.Server;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;

namespace Inference.Rpc.Health;

/// <summary>Puts grpc.health.v1 on a host.</summary>
public static class HealthEndpoints
{
    /// <summary>Check, List and Watch of <paramref name="health"/>.</summary>
    public static IEndpointConventionBuilder MapGrpcHealth(this IEndpointRouteBuilder endpoints, HealthService health) =>
        endpoints.MapGrpcService(HealthReflection.Descriptor.Services[0], s => s
            .Unary<HealthCheckRequest, HealthCheckResponse>("Check", health.CheckAsync)
            .Unary<HealthListRequest, HealthListResponse>("List", health.ListAsync)
            .ServerStream<HealthCheckRequest, HealthCheckResponse>("Watch", (request, context) => health.WatchAsync(request, context)));
}
