using Inference.Artifacts;
using Inference.Jobs;
using Inference.JobWorker.Adapters;
using Inference.JobWorker.Datasets;
using Inference.JobWorker.Models;
using Inference.JobWorker.Recurring;
using Inference.JobWorker.Trainers;
using Inference.JobWorker.Workers;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Inference.JobWorker;

/// <summary>Fine-tuning jobs as a role of a host.</summary>
public static class JobWorkerExtensions
{
    /// <summary>Adds the role and binds the sections "Queue", "Storage", "Artifacts", "Models", "Datasets", "Recurring", "Worker" and "Device". Needs AddHosting.</summary>
    public static IServiceCollection AddJobWorker(this IServiceCollection services, IConfiguration configuration, TrainerCommand? trainer = null)
    {
        services.AddOptions<QueueOptions>().Bind(configuration.GetSection(QueueOptions.Section)).ValidateDataAnnotations().ValidateOnStart();
        services.AddOptions<WorkerOptions>().Bind(configuration.GetSection(WorkerOptions.Section)).ValidateDataAnnotations().ValidateOnStart();
        services.AddOptions<DeviceOptions>().Bind(configuration.GetSection(DeviceOptions.Section));

        services.AddArtifacts(configuration);
        services.AddSingleton<AdapterPublisher>();
        if (trainer is not null)
        {
            services.AddSingleton(trainer);
            services.AddSingleton<FineTuningHandler>();
        }

        services.AddOptions<RecurringOptions>().Bind(configuration.GetSection(RecurringOptions.Section)).ValidateOnStart();
        services.AddSingleton<IValidateOptions<RecurringOptions>, RecurringOptionsValidator>();
        services.AddSingleton<RecurringHandler>();
        services.AddHostedService<RecurringService>();

        services.AddSingleton<WorkerMetrics>();
        services.AddHostedService<WorkerService>();
        services.AddHostedService<RetentionService>();

        services.AddOptions<BaseModelOptions>().Bind(configuration.GetSection(BaseModelOptions.Section));
        services.AddOptions<DatasetStorageOptions>().Bind(configuration.GetSection(DatasetStorageOptions.Section)).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<BaseModels>();
        services.AddFineTuningApi();

        // Blocks the start, so that everything else can take an open store.
        services.AddSingleton<IJobStore>(provider => JobStores.OpenAsync(
            provider.GetRequiredService<IOptions<QueueOptions>>().Value,
            provider.GetRequiredService<IOptions<StorageOptions>>().Value,
            provider.GetRequiredService<IOptions<WorkerOptions>>().Value.Lease).GetAwaiter().GetResult());
        return services;
    }

    /// <summary>Opens the queue and maps the role's services.</summary>
    public static IEndpointRouteBuilder MapJobWorker(this IEndpointRouteBuilder endpoints)
    {
        IServiceProvider services = endpoints.ServiceProvider;
        services.GetRequiredService<IJobStore>();
        return endpoints.MapFineTuningApi();
    }
}
