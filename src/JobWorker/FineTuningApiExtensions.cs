using Inference.JobWorker.Datasets;
using Inference.JobWorker.FineTuning;
using Inference.JobWorker.Grpc;
using Inference.JobWorker.OpenAi;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Inference.JobWorker;

/// <summary>The services by which clients reach jobs and data sets.</summary>
internal static class FineTuningApiExtensions
{
    /// <summary>Adds what the services need beside the queue, the blobs and the models.</summary>
    public static IServiceCollection AddFineTuningApi(this IServiceCollection services)
    {
        services.AddSingleton<DatasetStore>();
        services.AddSingleton<DatasetRoots>();
        services.AddSingleton<DatasetInspector>();
        services.AddSingleton<TrainingEstimator>();
        services.AddSingleton<FineTuningJobs>();
        services.AddSingleton<JobWatch>();
        services.AddSingleton<FineTuningGrpcService>();
        services.AddSingleton<FileEndpoints>();
        services.AddSingleton<JobEndpoints>();
        return services;
    }

    /// <summary>Maps gRPC and the OpenAI-compatible API.</summary>
    public static IEndpointRouteBuilder MapFineTuningApi(this IEndpointRouteBuilder endpoints)
    {
        endpoints.ServiceProvider.GetRequiredService<FineTuningGrpcService>().Map(endpoints);
        endpoints.MapOpenAiFineTuning();
        return endpoints;
    }
}
