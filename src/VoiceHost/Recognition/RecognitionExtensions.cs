using Inference.Hosting.OpenAi;
using Inference.Speech.Recognition;
using Inference.Speech.VoiceActivity;
using Inference.VoiceHost.Grpc;
using Inference.VoiceHost.OpenAi;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Inference.VoiceHost.Recognition;

/// <summary>Recognition as a part of the role.</summary>
internal static class RecognitionExtensions
{
    /// <summary>Adds recognition with its models, and binds the section "Recognition".</summary>
    public static void AddRecognition(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<RecognitionOptions>().Bind(configuration.GetSection(RecognitionOptions.Section)).ValidateDataAnnotations().ValidateOnStart();
        string[] models = configuration.GetSection(RecognitionOptions.Section).GetSection(nameof(RecognitionOptions.Models)).Get<string[]>() ?? [];
        foreach (string path in models.Where(p => p.Length > 0))
        {
            services.AddSingleton<ISpeechRecognizer>(provider => WhisperRecognizer.Load(
                Path.GetFullPath(path, AppContext.BaseDirectory), provider.GetRequiredService<IOptions<DeviceOptions>>().Value.CreateBackend()));
        }

        services.AddSingleton(provider => VoiceActivityModels.Open(
            provider.GetRequiredService<IOptions<RecognitionOptions>>().Value.VoiceActivityModel,
            () => provider.GetRequiredService<IOptions<DeviceOptions>>().Value.CreateBackend(threads: 1)));
        services.AddSingleton<RecognizerCatalog>();
        services.AddSingleton<RecognitionGrpcService>();
        services.AddSingleton<RivaRecognitionService>();
        services.AddSingleton<RivaSynthesisService>();
        services.AddSingleton<TranscriptionEndpoint>();
    }

    /// <summary>Maps the services.</summary>
    /// <param name="endpoints">Of the host.</param>
    /// <param name="errors">Answers the exceptions of HTTP calls.</param>
    /// <exception cref="Models.Weights.ModelFormatException">A model cannot be read.</exception>
    public static void MapRecognition(this IEndpointRouteBuilder endpoints, OpenAiErrorMap errors)
    {
        IServiceProvider services = endpoints.ServiceProvider;
        RecognizerCatalog catalog = services.GetRequiredService<RecognizerCatalog>();
        RecognitionLog.Listens(
            services.GetRequiredService<ILoggerFactory>().CreateLogger("Inference.VoiceHost"),
            catalog.All.Count == 0 ? "no model" : string.Join(", ", catalog.All.Select(r => r.Name)), catalog.VoiceActivity.Name);
        services.GetRequiredService<RecognitionGrpcService>().Map(endpoints);
        services.GetRequiredService<RivaRecognitionService>().Map(endpoints);
        services.GetRequiredService<RivaSynthesisService>().Map(endpoints);
        TranscriptionEndpoint transcriptions = services.GetRequiredService<TranscriptionEndpoint>();
        endpoints.MapPost("/v1/audio/transcriptions", errors.Guard(transcriptions.TranscribeAsync));
        endpoints.MapPost("/v1/audio/translations", errors.Guard(transcriptions.TranslateAsync));
    }
}
