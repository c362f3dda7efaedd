using Inference.VoiceHost.Grpc;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Inference.VoiceHost.Conversations;

/// <summary>Conversations as a part of the role.</summary>
internal static class ConversationExtensions
{
    /// <summary>Adds conversations, and binds the section "Conversation".</summary>
    public static void AddConversations(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<ConversationOptions>().Bind(configuration.GetSection(ConversationOptions.Section)).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<AnsweringHost>();
        services.AddSingleton<ConversationGrpcService>();
    }

    /// <summary>Maps the service.</summary>
    /// <exception cref="ArgumentException">The inference host's address is not http or https.</exception>
    public static void MapConversations(this IEndpointRouteBuilder endpoints) =>
        endpoints.ServiceProvider.GetRequiredService<ConversationGrpcService>().Map(endpoints);
}
