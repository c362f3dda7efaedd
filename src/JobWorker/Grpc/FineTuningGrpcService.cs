using System.Globalization;
using Inference.Contracts.FineTuning.V1;
using Inference.Jobs;
using Inference.JobWorker.Datasets;
using Inference.JobWorker.FineTuning;
using Inference.Rpc.Server;
using Inference.Training.FineTuning;
using Microsoft.AspNetCore.Routing;
using Job = Inference.Contracts.FineTuning.V1.Job;

namespace Inference.JobWorker.Grpc;

/// <summary>inference.finetuning.v1.FineTuningService.</summary>
internal sealed class FineTuningGrpcService(FineTuningJobs jobs, DatasetStore datasets, DatasetRoots roots, IJobStore store, JobWatch watch)
{
    private const int DefaultPageSize = 100;

    /// <summary>Binds the service's methods.</summary>
    public void Map(IEndpointRouteBuilder endpoints) =>
        endpoints.MapGrpcService(FinetuningReflection.Descriptor.Services[0], service => service
            .Errors(GrpcErrors.From)
            .Unary<CreateJobRequest, Job>("CreateJob", (request, context) => CreateAsync(request, context.CancellationToken))
            .Unary<GetJobRequest, Job>("GetJob", async (request, context) =>
                FineTuningMessages.ToJob(await jobs.GetAsync(request.TenantId, request.Id, context.CancellationToken)))
            .Unary<ListJobsRequest, ListJobsResponse>("ListJobs", (request, context) => ListAsync(request, context.CancellationToken))
            .Unary<CancelJobRequest, Job>("CancelJob", (request, _) => ChangeAsync(request.TenantId, request.Id, (s, id) => s.CancelAsync(id)))
            .Unary<PauseJobRequest, Job>("PauseJob", (request, _) => ChangeAsync(request.TenantId, request.Id, (s, id) => s.PauseAsync(id)))
            .Unary<ResumeJobRequest, Job>("ResumeJob", (request, _) => ChangeAsync(request.TenantId, request.Id, (s, id) => s.ResumeAsync(id)))
            .Unary<RetryJobRequest, Job>("RetryJob", (request, _) => ChangeAsync(request.TenantId, request.Id, (s, id) => s.RetryAsync(id)))
            .ServerStream<WatchJobRequest, WatchJobResponse>("WatchJob", (request, context) => WatchAsync(request, context))
            .Unary<ListCheckpointsRequest, ListCheckpointsResponse>(
                "ListCheckpoints", (request, context) => CheckpointsAsync(request, context.CancellationToken))
            .Unary<ListMetricsRequest, ListMetricsResponse>(
                "ListMetrics", (request, context) => MetricsAsync(request, context.CancellationToken))
            .ClientStream<UploadDatasetRequest, Dataset>(
                "UploadDataset", (requests, context) => UploadAsync(requests, context.CancellationToken))
            .Unary<ImportDatasetRequest, Dataset>(
                "ImportDataset", (request, context) => ImportAsync(request, context.CancellationToken))
            .Unary<ValidateDatasetRequest, DatasetReport>(
                "ValidateDataset", (request, context) => ValidateAsync(request, context.CancellationToken)));

    private async Task<Job> CreateAsync(CreateJobRequest request, CancellationToken cancellation) => FineTuningMessages.ToJob(await jobs.CreateAsync(
        new NewFineTuningJob
        {
            Tenant = request.TenantId,
            Model = request.Model,
            TrainingFile = request.TrainingFile,
            ValidationFile = NullIfEmpty(request.ValidationFile),
            Method = FineTuningMessages.FromMethod(request.Method),
            Hyperparameters = HyperparameterMessages.FromWire(request.Hyperparameters),
            Suffix = NullIfEmpty(request.Suffix),
            Seed = request.HasSeed ? request.Seed : 1,
            Priority = request.Priority,
            SubmitKey = NullIfEmpty(request.SubmitKey),
            Metadata = request.Metadata.ToDictionary(),
        },
        cancellation));

    private async Task<ListJobsResponse> ListAsync(ListJobsRequest request, CancellationToken cancellation)
    {
        if (request.PageSize is < 0 or > JobFilter.MaxLimit)
        {
            throw new InvalidFieldsException("page_size", $"must be 0 to {JobFilter.MaxLimit}, not {request.PageSize}");
        }

        long before = 0;
        if (request.PageToken.Length > 0 && !long.TryParse(request.PageToken, NumberStyles.None, CultureInfo.InvariantCulture, out before))
        {
            throw new InvalidFieldsException("page_token", "is none that this service gave");
        }

        (IReadOnlyList<FineTuningJob> page, long? next) = await jobs.ListAsync(
            request.TenantId, [.. request.States.Select(FineTuningMessages.FromState)], request.PageToken.Length > 0 ? before : null,
            request.PageSize == 0 ? DefaultPageSize : request.PageSize, cancellation);
        ListJobsResponse response = new() { NextPageToken = next?.ToString(CultureInfo.InvariantCulture) ?? "" };
        response.Jobs.AddRange(page.Select(FineTuningMessages.ToJob));
        return response;
    }

    private async Task<Job> ChangeAsync(string tenant, string id, Func<IJobStore, long, Task<Jobs.Job>> change) =>
        FineTuningMessages.ToJob(await jobs.ChangeAsync(tenant, id, change));

    private async IAsyncEnumerable<WatchJobResponse> WatchAsync(WatchJobRequest request, CallContext context)
    {
        FineTuningJob job = await jobs.GetAsync(request.TenantId, request.Id, context.CancellationToken);
        await foreach (WatchJobResponse response in watch.FollowAsync(
            job, request.AfterSequence, request.FromStep, context.ServerStopping, context.CancellationToken))
        {
            yield return response;
        }
    }

    private async Task<ListCheckpointsResponse> CheckpointsAsync(ListCheckpointsRequest request, CancellationToken cancellation)
    {
        long id = (await jobs.GetAsync(request.TenantId, request.Id, cancellation)).Job.Id;
        ILookup<long, JobMetric> metrics = (await store.ListMetricsAsync(id, 0, cancellation)).ToLookup(m => m.Step);
        ListCheckpointsResponse response = new();
        response.Checkpoints.AddRange((await store.ListCheckpointsAsync(id, cancellation)).Select(c => FineTuningMessages.ToCheckpoint(c, metrics[c.Step])));
        return response;
    }

    private async Task<ListMetricsResponse> MetricsAsync(ListMetricsRequest request, CancellationToken cancellation)
    {
        long id = (await jobs.GetAsync(request.TenantId, request.Id, cancellation)).Job.Id;
        ListMetricsResponse response = new();
        response.Metrics.AddRange((await store.ListMetricsAsync(id, request.FromStep, cancellation)).Select(FineTuningMessages.ToMetric));
        return response;
    }

    private async Task<Dataset> UploadAsync(IAsyncEnumerable<UploadDatasetRequest> requests, CancellationToken cancellation)
    {
        UploadDatasetRequest? first = null;
        await using DatasetUpload upload = datasets.BeginUpload();
        await foreach (UploadDatasetRequest request in requests.WithCancellation(cancellation))
        {
            first ??= request;
            await upload.WriteAsync(request.Content.Memory, cancellation);
        }

        string filename = DatasetRoots.CheckedName("filename", first?.Filename ?? "");
        return FineTuningMessages.ToDataset(
            await datasets.SaveAsync(first!.TenantId, filename, DatasetFile.FineTunePurpose, upload, cancellation), first.TenantId);
    }

    private async Task<Dataset> ImportAsync(ImportDatasetRequest request, CancellationToken cancellation)
    {
        await using FileStream file = roots.Open(request.Path);
        await using DatasetUpload upload = datasets.BeginUpload();
        await upload.WriteAsync(file, cancellation);
        string filename = Path.GetFileName(request.Path);
        return FineTuningMessages.ToDataset(
            await datasets.SaveAsync(request.TenantId, filename, DatasetFile.FineTunePurpose, upload, cancellation), request.TenantId);
    }

    private async Task<DatasetReport> ValidateAsync(ValidateDatasetRequest request, CancellationToken cancellation)
    {
        (Training.Datasets.DatasetReport report, FineTuningEstimate estimate) = await jobs.ValidateAsync(
            request.TenantId, request.File, request.Model, FineTuningMessages.FromMethod(request.Method),
            HyperparameterMessages.FromWire(request.Hyperparameters), cancellation);
        return FineTuningMessages.ToReport(report, estimate);
    }

    private static string? NullIfEmpty(string text) => text.Length == 0 ? null : text;
}
