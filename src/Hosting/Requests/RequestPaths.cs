using Microsoft.AspNetCore.Http;

namespace Inference.Hosting.Requests;

/// <summary>Paths that every host serves.</summary>
internal static class RequestPaths
{
    /// <summary>The process is alive.</summary>
    public const string Alive = "/healthz";

    /// <summary>The host takes requests.</summary>
    public const string Ready = "/readyz";

    /// <summary>Prometheus metrics.</summary>
    public const string Metrics = "/metrics";

    private const string GrpcHealth = "/grpc.health.v1.Health";
    private const string GrpcReflection = "/grpc.reflection.";

    /// <summary>Health of either protocol: needs no key, for probes cannot send one.</summary>
    public static bool IsHealth(PathString path) => path == Alive || path == Ready || path.StartsWithSegments(GrpcHealth);

    /// <summary>Observation, not work: served while draining, and not waited for, since watches never end.</summary>
    public static bool IsObservation(PathString path) => IsHealth(path) || path == Metrics || path.Value?.StartsWith(GrpcReflection, StringComparison.Ordinal) == true;
}
