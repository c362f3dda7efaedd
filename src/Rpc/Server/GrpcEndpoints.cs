using Google.Protobuf.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using ServiceDescriptor = Google.Protobuf.Reflection.ServiceDescriptor;

namespace Inference.Rpc.Server;

/// <summary>Puts gRPC services on the endpoints of a host.</summary>
public static class GrpcEndpoints
{
    /// <summary>
    /// Maps each method of a service to POST /package.Service/Method, with its <see cref="MethodDescriptor"/> as endpoint
    /// metadata. Calls of methods that no service here has end with UNIMPLEMENTED.
    /// </summary>
    /// <param name="endpoints">Of the host.</param>
    /// <param name="service">From the generated XReflection.Descriptor.Services.</param>
    /// <param name="bind">Names the handler of each method.</param>
    /// <param name="options">Default: IOptions from the host's services.</param>
    /// <returns>For conventions such as RequireAuthorization or RequireHost, on all methods of the service.</returns>
    /// <exception cref="InvalidOperationException">The handlers do not fit the descriptor.</exception>
    public static IEndpointConventionBuilder MapGrpcService(
        this IEndpointRouteBuilder endpoints, ServiceDescriptor service, Action<GrpcServiceBinder> bind, RpcServerOptions? options = null)
    {
        IServiceProvider services = endpoints.ServiceProvider;
        options ??= services.GetService<IOptions<RpcServerOptions>>()?.Value ?? new();
        options.Validate();
        GrpcServiceBinder binder = new(service);
        bind(binder);
        ILogger logger = services.GetRequiredService<ILoggerFactory>().CreateLogger("Inference.Rpc." + service.FullName);
        TimeProvider time = services.GetService<TimeProvider>() ?? TimeProvider.System;
        CancellationToken stopping = services.GetService<IHostApplicationLifetime>()?.ApplicationStopping ?? default;
        RouteGroupBuilder group = endpoints.MapGroup("/" + service.FullName);
        foreach (var (method, handler) in binder.Bindings())
        {
            ServerCallRunner runner = new(method, handler, binder.ErrorStatus, options, time, logger, stopping);
            group.MapPost("/" + method.Name, runner.RunAsync).WithMetadata(method).WithDisplayName($"gRPC {method.FullName}");
        }
        MapUnimplementedOnce(endpoints);
        return group;
    }

    /// <summary>The descriptors of all services mapped so far.</summary>
    internal static IReadOnlyList<ServiceDescriptor> GrpcServices(this IEndpointRouteBuilder endpoints) =>
        [.. endpoints.DataSources.SelectMany(d => d.Endpoints).Select(e => e.Metadata.GetMetadata<MethodDescriptor>()?.Service)
            .OfType<ServiceDescriptor>().Distinct().OrderBy(s => s.FullName, StringComparer.Ordinal)];

    private static void MapUnimplementedOnce(IEndpointRouteBuilder endpoints)
    {
        if (!endpoints.DataSources.OfType<UnimplementedEndpoint>().Any())
            endpoints.DataSources.Add(new UnimplementedEndpoint());
    }
}
