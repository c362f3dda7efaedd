using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Inference.JobWorker.OpenAi;

/// <summary>The OpenAI-compatible paths of data sets and jobs.</summary>
internal static partial class FineTuningRoutes
{
    /// <summary>Maps /v1/files and /v1/fine_tuning/jobs.</summary>
    public static void MapOpenAiFineTuning(this IEndpointRouteBuilder endpoints)
    {
        IServiceProvider services = endpoints.ServiceProvider;
        FileEndpoints files = services.GetRequiredService<FileEndpoints>();
        JobEndpoints jobs = services.GetRequiredService<JobEndpoints>();
        ILogger logger = services.GetRequiredService<ILoggerFactory>().CreateLogger("Inference.JobWorker.OpenAi");
        RouteGroupBuilder api = endpoints.MapGroup("/v1");
        api.MapPost("/files", Guard(files.UploadAsync));
        api.MapGet("/files", Guard(files.ListAsync));
        api.MapGet("/files/{id}", Guard(files.GetAsync));
        api.MapGet("/files/{id}/content", Guard(files.GetContentAsync));
        api.MapDelete("/files/{id}", Guard(files.DeleteAsync));
        api.MapPost("/fine_tuning/jobs", Guard(jobs.CreateAsync));
        api.MapGet("/fine_tuning/jobs", Guard(jobs.ListAsync));
        api.MapGet("/fine_tuning/jobs/{id}", Guard(jobs.GetAsync));
        api.MapPost("/fine_tuning/jobs/{id}/cancel", Guard(jobs.Change((store, id) => store.CancelAsync(id))));
        api.MapPost("/fine_tuning/jobs/{id}/pause", Guard(jobs.Change((store, id) => store.PauseAsync(id))));
        api.MapPost("/fine_tuning/jobs/{id}/resume", Guard(jobs.Change((store, id) => store.ResumeAsync(id))));
        api.MapGet("/fine_tuning/jobs/{id}/events", Guard(jobs.ListEventsAsync));
        api.MapGet("/fine_tuning/jobs/{id}/checkpoints", Guard(jobs.ListCheckpointsAsync));

        RequestDelegate Guard(Func<HttpContext, Task> handler) => async context =>
        {
            try
            {
                await handler(context);
            }
            catch (Exception) when (context.RequestAborted.IsCancellationRequested)
            {
                context.Abort();
            }
            catch (Exception exception) when (!context.Response.HasStarted)
            {
                (int status, ErrorBody body) = ErrorBody.From(exception);
                if (status == StatusCodes.Status500InternalServerError)
                {
                    RequestFailed(logger, context.Request.Method, context.Request.Path, exception);
                }

                context.Response.StatusCode = status;
                await context.Response.WriteAsJsonAsync(body, ApiJson.Default.ErrorBody);
            }
        };
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "{Method} {Path} failed")]
    private static partial void RequestFailed(ILogger logger, string method, string path, Exception exception);
}
