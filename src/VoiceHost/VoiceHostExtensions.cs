using Inference.Hosting.Health;
using Inference.Hosting.OpenAi;
using Inference.Speech.Synthesis;
using Inference.Speech.Synthesis.Espeak;
using Inference.Speech.Synthesis.Vits;
using Inference.VoiceHost.Conversations;
using Inference.VoiceHost.Grpc;
using Inference.VoiceHost.OpenAi;
using Inference.VoiceHost.Recognition;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Inference.VoiceHost;

/// <summary>Speech as a role of a host.</summary>
public static class VoiceHostExtensions
{
    /// <summary>Adds the role and binds the sections "Speech", "Recognition", "Conversation" and "Device". Needs AddHosting.</summary>
    public static IServiceCollection AddVoiceHost(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<SpeechOptions>().Bind(configuration.GetSection(SpeechOptions.Section)).ValidateDataAnnotations().ValidateOnStart();
        services.AddOptions<DeviceOptions>().Bind(configuration.GetSection(DeviceOptions.Section)).ValidateDataAnnotations().ValidateOnStart();
        Dictionary<string, string> voices = configuration.GetSection(SpeechOptions.Section).GetSection(nameof(SpeechOptions.Voices)).Get<Dictionary<string, string>>() ?? [];
        if (voices.Count > 0)
        {
            services.AddSingleton<ISpeechSynthesizer>(provider => VitsSynthesizer.Load(
                voices.Select(v => new VitsVoiceOptions(v.Key, Path.GetFullPath(v.Value, AppContext.BaseDirectory))),
                provider.GetRequiredService<IOptions<DeviceOptions>>().Value.CreateBackend(), new VitsOptions(), provider.GetRequiredService<TimeProvider>()));
        }

        if (configuration.GetSection(SpeechOptions.Section).GetValue(nameof(SpeechOptions.Espeak), true))
        {
            // Blocks the start, which fails where espeak-ng is not installed.
            services.AddSingleton<ISpeechSynthesizer>(provider => EspeakSynthesizer.StartAsync(
                new EspeakOptions { MaxProcesses = provider.GetRequiredService<IOptions<SpeechOptions>>().Value.EspeakProcesses },
                provider.GetRequiredService<TimeProvider>(), CancellationToken.None).GetAwaiter().GetResult());
        }

        services.AddSingleton<VoiceMetrics>();
        services.AddSingleton<SynthesizerCatalog>();
        services.AddSingleton<SpeechEndpoint>();
        services.AddSingleton<SpeechGrpcService>();
        services.AddRecognition(configuration);
        services.AddConversations(configuration);
        return services;
    }

    /// <summary>Maps the role's services, and makes the host ready.</summary>
    public static IEndpointRouteBuilder MapVoiceHost(this IEndpointRouteBuilder endpoints)
    {
        IServiceProvider services = endpoints.ServiceProvider;
        SynthesizerCatalog catalog = services.GetRequiredService<SynthesizerCatalog>();
        VoiceLog.Speaks(services.GetRequiredService<ILoggerFactory>().CreateLogger("Inference.VoiceHost"), string.Join(", ", catalog.All.Select(s => s.Name)), catalog.All.Sum(s => s.Voices.Count));
        services.GetRequiredService<SpeechGrpcService>().Map(endpoints);
        OpenAiErrorMap errors = new(OpenAiErrors.From, services.GetRequiredService<ILoggerFactory>().CreateLogger("Inference.VoiceHost.OpenAi"));
        endpoints.MapPost("/v1/audio/speech", errors.Guard(services.GetRequiredService<SpeechEndpoint>().HandleAsync));
        endpoints.MapRecognition(errors);
        endpoints.MapConversations();
        services.GetRequiredService<HostState>().SetReady(VoiceHostServer.Role.Name);
        return endpoints;
    }
}
