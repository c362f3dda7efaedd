using System.Text.Json;
using Inference.Jobs;
using Inference.JobWorker.FineTuning;
using Microsoft.AspNetCore.Http;

namespace Inference.JobWorker.OpenAi;

/// <summary>/v1/fine_tuning/jobs.</summary>
internal sealed class JobEndpoints(FineTuningJobs jobs, IJobStore store)
{
    private const int StandardLimit = 20;
    private const int StandardCheckpoints = 10;
    private const int MostListed = 100;

    /// <summary>POST: checks files and fields, then queues the job.</summary>
    public async Task CreateAsync(HttpContext context)
    {
        if (!context.Request.HasJsonContentType())
        {
            throw new BadHttpRequestException("the content type must be application/json", StatusCodes.Status415UnsupportedMediaType);
        }

        CreateJobBody body = await JsonSerializer.DeserializeAsync(context.Request.Body, ApiJson.Default.CreateJobBody, context.RequestAborted)
            ?? throw new JsonException("the body is null");
        string? key = context.Request.Headers[ApiRequest.IdempotencyHeader].FirstOrDefault(k => k?.Length > 0);
        await WriteAsync(context, await jobs.CreateAsync(body.ToJob(ApiRequest.Tenant(context), key), context.RequestAborted));
    }

    /// <summary>GET: the tenant's jobs, newest first.</summary>
    public async Task ListAsync(HttpContext context)
    {
        if (context.Request.Query.Keys.FirstOrDefault(k => k.StartsWith("metadata", StringComparison.Ordinal)) is { } filter)
        {
            throw new InvalidFieldsException(filter, "is not supported: filter by the client");
        }

        long? before = ApiRequest.Query(context, "after") is { } after
            ? JobIds.Parse(after) ?? throw new InvalidFieldsException("after", $"\"{after}\" is no id of a job") : null;
        (IReadOnlyList<FineTuningJob> page, long? next) = await jobs.ListAsync(
            ApiRequest.Tenant(context), [], before, ApiRequest.Limit(context, StandardLimit, MostListed), context.RequestAborted);
        await context.Response.WriteAsJsonAsync(
            new ListBody<JobBody>([.. page.Select(JobBody.Of)], next is not null), ApiJson.Default.ListBodyJobBody, cancellationToken: context.RequestAborted);
    }

    /// <summary>GET of one.</summary>
    public async Task GetAsync(HttpContext context) => await WriteAsync(context, await FindAsync(context));

    /// <summary>POST of cancel, pause, resume and retry.</summary>
    public RequestDelegate Change(Func<IJobStore, long, Task<Job>> change) =>
        async context => await WriteAsync(context, await jobs.ChangeAsync(ApiRequest.Tenant(context), ApiRequest.Id(context), change));

    /// <summary>GET of the events, newest first.</summary>
    public async Task ListEventsAsync(HttpContext context)
    {
        Job job = (await FindAsync(context)).Job;
        int limit = ApiRequest.Limit(context, StandardLimit, MostListed);
        long last = job.LastEvent;
        if (ApiRequest.Query(context, "after") is { } after)
        {
            last = (EventBody.SequenceOf(job.Id, after) ?? throw new InvalidFieldsException("after", $"\"{after}\" is no id of an event of this job")) - 1;
        }

        long first = Math.Max(0, last - limit);
        IReadOnlyList<JobEvent> events = last <= 0 ? [] : await store.ListEventsAsync(job.Id, first, (int)(last - first), context.RequestAborted);
        await context.Response.WriteAsJsonAsync(
            new ListBody<EventBody>([.. events.Reverse().Select(EventBody.Of)], first > 0), ApiJson.Default.ListBodyEventBody, cancellationToken: context.RequestAborted);
    }

    /// <summary>GET of the checkpoints, newest first.</summary>
    public async Task ListCheckpointsAsync(HttpContext context)
    {
        FineTuningJob job = await FindAsync(context);
        int limit = ApiRequest.Limit(context, StandardCheckpoints, MostListed);
        ILookup<long, JobMetric> metrics = (await store.ListMetricsAsync(job.Job.Id, 0, context.RequestAborted)).ToLookup(m => m.Step);
        IEnumerable<CheckpointBody> all = (await store.ListCheckpointsAsync(job.Job.Id, context.RequestAborted)).Reverse()
            .Select(c => CheckpointBody.Of(job, c, metrics[c.Step]));
        all = ApiRequest.Query(context, "after") is { } after ? all.SkipWhile(c => c.Id != after).Skip(1) : all;
        CheckpointBody[] page = [.. all.Take(limit + 1)];
        await context.Response.WriteAsJsonAsync(
            new ListBody<CheckpointBody>([.. page.Take(limit)], page.Length > limit), ApiJson.Default.ListBodyCheckpointBody, cancellationToken: context.RequestAborted);
    }

    private Task<FineTuningJob> FindAsync(HttpContext context) =>
        jobs.GetAsync(ApiRequest.Tenant(context), ApiRequest.Id(context), context.RequestAborted);

    private static Task WriteAsync(HttpContext context, FineTuningJob job) =>
        context.Response.WriteAsJsonAsync(JobBody.Of(job), ApiJson.Default.JobBody, cancellationToken: context.RequestAborted);
}
