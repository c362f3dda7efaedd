using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Inference.Artifacts;

/// <summary>The artifact store as services of a host.</summary>
public static class ArtifactsExtensions
{
    /// <summary>Adds the store and binds the sections "Storage" and "Artifacts"; for each role that needs it.</summary>
    public static IServiceCollection AddArtifacts(this IServiceCollection services, IConfiguration configuration)
    {
        if (services.Any(s => s.ServiceType == typeof(IBlobStore)))
        {
            return services;
        }

        services.AddOptions<StorageOptions>().Bind(configuration.GetSection(StorageOptions.Section));
        services.AddOptions<ArtifactOptions>().Bind(configuration.GetSection(ArtifactOptions.Section)).ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<ArtifactOptions>, ArtifactOptionsValidator>());
        services.AddSingleton<IBlobStore>(provider =>
        {
            ArtifactOptions options = provider.GetRequiredService<IOptions<ArtifactOptions>>().Value;
            return options.IsBucket
                ? new S3BlobStore(options.S3)
                : new LocalBlobStore(options.DirectoryIn(provider.GetRequiredService<IOptions<StorageOptions>>().Value));
        });
        services.AddSingleton<ArtifactStore>();
        return services;
    }
}
