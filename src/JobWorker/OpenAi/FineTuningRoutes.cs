using Inference.Hosting.OpenAi;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Inference.JobWorker.OpenAi;

/// <summary>The OpenAI-compatible paths of data sets and jobs.</summary>
internal static class FineTuningRoutes
{
    /// <summary>Maps /v1/files and /v1/fine_tuning/jobs.</summary>
    public static void MapOpenAiFineTuning(this IEndpointRouteBuilder endpoints)
    {
        IServiceProvider services = endpoints.ServiceProvider;
        FileEndpoints files = services.GetRequiredService<FileEndpoints>();
        JobEndpoints jobs = services.GetRequiredService<JobEndpoints>();
        OpenAiErrorMap errors = new(OpenAiErrors.From, services.GetRequiredService<ILoggerFactory>().CreateLogger("Inference.JobWorker.OpenAi"));
        RouteGroupBuilder api = endpoints.MapGroup("/v1");
        api.MapPost("/files", errors.Guard(files.UploadAsync));
        api.MapGet("/files", errors.Guard(files.ListAsync));
        api.MapGet("/files/{id}", errors.Guard(files.GetAsync));
        api.MapGet("/files/{id}/content", errors.Guard(files.GetContentAsync));
        api.MapDelete("/files/{id}", errors.Guard(files.DeleteAsync));
        api.MapPost("/fine_tuning/jobs", errors.Guard(jobs.CreateAsync));
        api.MapGet("/fine_tuning/jobs", errors.Guard(jobs.ListAsync));
        api.MapGet("/fine_tuning/jobs/{id}", errors.Guard(jobs.GetAsync));
        api.MapPost("/fine_tuning/jobs/{id}/cancel", errors.Guard(jobs.Change((store, id) => store.CancelAsync(id))));
        api.MapPost("/fine_tuning/jobs/{id}/pause", errors.Guard(jobs.Change((store, id) => store.PauseAsync(id))));
        api.MapPost("/fine_tuning/jobs/{id}/resume", errors.Guard(jobs.Change((store, id) => store.ResumeAsync(id))));
        api.MapPost("/fine_tuning/jobs/{id}/retry", errors.Guard(jobs.Change((store, id) => store.RetryAsync(id))));
        api.MapGet("/fine_tuning/jobs/{id}/events", errors.Guard(jobs.ListEventsAsync));
        api.MapGet("/fine_tuning/jobs/{id}/checkpoints", errors.Guard(jobs.ListCheckpointsAsync));
    }
}
