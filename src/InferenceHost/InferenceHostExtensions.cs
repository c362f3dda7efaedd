using Inference.Artifacts;
using Inference.Generation;
using Inference.Generation.Adapters;
using Inference.Hosting.Health;
using Inference.InferenceHost.Adapters;
using Inference.InferenceHost.Grpc;
using Inference.InferenceHost.Models;
using Inference.InferenceHost.OpenAi;
using Inference.InferenceHost.Prompts;
using Inference.Rpc.Health;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Inference.InferenceHost;

/// <summary>Text generation as a role of a host: gRPC services and the OpenAI-compatible API.</summary>
public static class InferenceHostExtensions
{
    /// <summary>Adds the role and binds the sections "Models", "Adapters", "Storage", "Artifacts", "Engine", "Device" and "Limits". Needs AddHosting.</summary>
    public static IServiceCollection AddInferenceHost(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<ModelsOptions>().Bind(configuration.GetSection(ModelsOptions.Section)).ValidateDataAnnotations().ValidateOnStart();
        services.AddOptions<DeviceOptions>().Bind(configuration.GetSection(DeviceOptions.Section)).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<IValidateOptions<DeviceOptions>, DeviceOptionsValidator>();
        services.AddOptions<LimitsOptions>().Bind(configuration.GetSection(LimitsOptions.Section)).ValidateDataAnnotations().ValidateOnStart();
        services.AddOptions<LlmEngineOptions>().Bind(configuration.GetSection("Engine")).ValidateOnStart();
        services.AddOptions<AdapterPoolOptions>().Bind(configuration.GetSection(AdapterSettings.Section)).ValidateOnStart();
        services.AddSingleton<IValidateOptions<AdapterPoolOptions>, AdapterOptionsValidator>();
        services.AddOptions<AdapterCopiesOptions>().Bind(configuration.GetSection(AdapterSettings.Section)).ValidateDataAnnotations().ValidateOnStart();
        services.AddOptions<StorageOptions>().Bind(configuration.GetSection(StorageOptions.Section));
        if (configuration.GetSection(ArtifactOptions.Section).Get<ArtifactOptions>() is { IsConfigured: true })
        {
            services.AddArtifacts(configuration);
        }

        services.AddSingleton<AdapterSettings>();
        services.AddSingleton<AdapterCatalog>();
        services.AddSingleton<AdapterEndpoint>();
        services.AddSingleton<AdapterGrpcService>();
        services.AddSingleton<IValidateOptions<ModelsOptions>, ModelsOptionsValidator>();
        services.AddSingleton<IValidateOptions<LlmEngineOptions>, EngineOptionsValidator>();
        services.AddSingleton<GenerationMetrics>(provider => new GenerationMetrics(provider.GetRequiredService<System.Diagnostics.Metrics.IMeterFactory>()));
        services.AddSingleton<ModelPaths>();
        services.AddSingleton(new TokenizersAhead([], Task.CompletedTask));
        services.AddSingleton<ModelCatalog>();
        services.AddSingleton<PromptEncoder>();
        services.AddSingleton<ChatEndpoint>();
        services.AddSingleton<CompletionEndpoint>();
        services.AddSingleton<GenerationGrpcService>();
        services.AddSingleton<ModelGrpcService>();
        services.AddSingleton<ModelStartup>();
        services.AddHostedService(provider => provider.GetRequiredService<ModelStartup>());
        return services;
    }

    /// <summary>Maps the gRPC services and the OpenAI-compatible API.</summary>
    public static IEndpointRouteBuilder MapInferenceHost(this IEndpointRouteBuilder endpoints)
    {
        IServiceProvider services = endpoints.ServiceProvider;
        services.GetRequiredService<GenerationGrpcService>().Map(endpoints);
        services.GetRequiredService<ModelGrpcService>().Map(endpoints);
        services.GetRequiredService<AdapterGrpcService>().Map(endpoints);
        services.GetRequiredService<HealthService>().Follow(
            services.GetRequiredService<HostState>(), "inference.v1.GenerationService", "inference.v1.ModelService", "inference.v1.AdapterService");
        endpoints.MapOpenAi();
        return endpoints;
    }
}
