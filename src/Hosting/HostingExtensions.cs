using System.Text;
using Inference.Hosting.Authentication;
using Inference.Hosting.Health;
using Inference.Hosting.Logging;
using Inference.Hosting.Metrics;
using Inference.Hosting.Requests;
using Inference.Rpc.Health;
using Inference.Rpc.Server;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;
using Microsoft.Extensions.Options;

namespace Inference.Hosting;

/// <summary>What every host of the platform has: ports, keys, request ids, logs, health, metrics and a graceful end.</summary>
public static class HostingExtensions
{
    // What the servers and the models get to stop once the requests are done or their time is up.
    private static readonly TimeSpan StopMargin = TimeSpan.FromSeconds(10);

    /// <summary>Adds the services and binds the sections "Server" and "Authentication"; they are checked at start.</summary>
    public static IServiceCollection AddHosting(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<ServerOptions>().Bind(configuration.GetSection(ServerOptions.Section)).ValidateDataAnnotations().ValidateOnStart();
        services.AddOptions<AuthenticationOptions>().Bind(configuration.GetSection(AuthenticationOptions.Section)).ValidateOnStart();
        services.AddSingleton<IValidateOptions<ServerOptions>, ServerOptionsValidator>();
        services.AddSingleton<IValidateOptions<AuthenticationOptions>, AuthenticationOptionsValidator>();
        services.AddSingleton<IConfigureOptions<KestrelServerOptions>, KestrelConfiguration>();
        services.AddOptions<RpcServerOptions>().Configure<IOptions<ServerOptions>>((rpc, server) =>
            rpc.MaxReceiveMessageBytes = (int)server.Value.MaxRequestBytes);
        services.AddOptions<HostOptions>().Configure<IOptions<ServerOptions>>((host, server) =>
            host.ShutdownTimeout = server.Value.DrainTimeout + StopMargin);
        services.TryAddSingleton(TimeProvider.System);
        services.AddMetrics();
        services.AddSingleton<PrometheusMetrics>();
        services.AddSingleton<ApiKeys>();
        services.AddSingleton<LocalAccess>();
        services.AddSingleton<HostState>();
        services.AddSingleton<HealthService>();
        services.AddHostedService<DrainService>();
        services.AddLogging(logging =>
        {
            logging.ClearProviders();
            logging.AddConsole(console => console.FormatterName = JsonLineFormatter.FormatterName);
            logging.AddConsoleFormatter<JsonLineFormatter, ConsoleFormatterOptions>();

            // Kestrel's own scope repeats what the request's id and end tell.
            logging.AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None);

            // What stops the start is told on the error stream, without a stack trace.
            logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.Critical);
            logging.Configure(factory => factory.ActivityTrackingOptions = ActivityTrackingOptions.TraceId);
        });
        return services;
    }

    /// <summary>Puts request ids, keys and admission before all endpoints.</summary>
    public static IApplicationBuilder UseHosting(this IApplicationBuilder app) =>
        app.UseMiddleware<RequestIdMiddleware>().UseMiddleware<ApiKeyMiddleware>().UseMiddleware<AdmissionMiddleware>();

    /// <summary>Maps /healthz (alive), /readyz (takes work) and /metrics (Prometheus text or OpenMetrics) of all since <see cref="PrometheusMetrics"/> was first asked for.</summary>
    public static IEndpointRouteBuilder MapHosting(this IEndpointRouteBuilder endpoints)
    {
        // Handlers of the context alone: those with parameters are put together at run time, which costs a start tens of milliseconds.
        HostState state = endpoints.ServiceProvider.GetRequiredService<HostState>();
        endpoints.MapGet(RequestPaths.Alive, context => WriteAsync(context, "alive\n"));
        endpoints.MapGet(RequestPaths.Ready, context =>
        {
            HostPhase phase = state.Phase;
            context.Response.StatusCode = phase == HostPhase.Ready ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
            return WriteAsync(context, phase.ToString().ToLowerInvariant() + "\n");
        });
        endpoints.MapGet(RequestPaths.Metrics, context =>
        {
            ExpositionFormat format = ExpositionFormats.Negotiate(context.Request);
            return WriteAsync(context, context.RequestServices.GetRequiredService<PrometheusMetrics>().Scrape(format), format.ContentType());
        });
        return endpoints;
    }

    private static Task WriteAsync(HttpContext context, string text, string contentType = "text/plain; charset=utf-8")
    {
        byte[] body = Encoding.UTF8.GetBytes(text);
        context.Response.ContentType = contentType;
        context.Response.ContentLength = body.Length;
        return context.Response.Body.WriteAsync(body, context.RequestAborted).AsTask();
    }
}
