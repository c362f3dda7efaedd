using Inference.Hosting.Health;
using Inference.VoiceHost.Grpc;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Inference.VoiceHost;

/// <summary>Speech as a role of a host.</summary>
public static class VoiceHostExtensions
{
    /// <summary>Adds the role. Needs AddHosting.</summary>
    public static IServiceCollection AddVoiceHost(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddSingleton<SynthesizerCatalog>();
        services.AddSingleton<SpeechGrpcService>();
        return services;
    }

    /// <summary>Maps the role's services, and makes the host ready.</summary>
    public static IEndpointRouteBuilder MapVoiceHost(this IEndpointRouteBuilder endpoints)
    {
        IServiceProvider services = endpoints.ServiceProvider;
        services.GetRequiredService<SpeechGrpcService>().Map(endpoints);
        services.GetRequiredService<HostState>().SetReady();
        return endpoints;
    }
}
