using System.Runtime.CompilerServices;
using Google.Protobuf;
using Inference.ClientLib.Connections;
using Inference.Contracts.FineTuning.V1;
using Inference.Rpc.Client;

namespace Inference.ClientLib;

/// <summary>
/// FineTuningService. Everything but an upload may be repeated and is, where a server cannot be reached. Methods that take an id take
/// the tenant that it belongs to.
/// </summary>
public sealed class FineTuningClient
{
    private const int UploadBlockBytes = 256 << 10;
    private const int WatchRestarts = 5;

    // A server reads a data set from end to end before it answers.
    private static readonly TimeSpan DatasetTimeout = TimeSpan.FromMinutes(10);

    private static readonly Google.Protobuf.Reflection.ServiceDescriptor Service =
        FinetuningReflection.Descriptor.Services.Single(s => s.Name == "FineTuningService");

    private static readonly RpcMethod<CreateJobRequest, Job> CreateMethod = new(Service, "CreateJob");
    private static readonly RpcMethod<GetJobRequest, Job> GetMethod = new(Service, "GetJob");
    private static readonly RpcMethod<ListJobsRequest, ListJobsResponse> ListMethod = new(Service, "ListJobs");
    private static readonly RpcMethod<CancelJobRequest, Job> CancelMethod = new(Service, "CancelJob");
    private static readonly RpcMethod<PauseJobRequest, Job> PauseMethod = new(Service, "PauseJob");
    private static readonly RpcMethod<ResumeJobRequest, Job> ResumeMethod = new(Service, "ResumeJob");
    private static readonly RpcMethod<RetryJobRequest, Job> RetryMethod = new(Service, "RetryJob");
    private static readonly RpcMethod<WatchJobRequest, WatchJobResponse> WatchMethod = new(Service, "WatchJob");
    private static readonly RpcMethod<ListCheckpointsRequest, ListCheckpointsResponse> CheckpointsMethod = new(Service, "ListCheckpoints");
    private static readonly RpcMethod<ListMetricsRequest, ListMetricsResponse> MetricsMethod = new(Service, "ListMetrics");
    private static readonly RpcMethod<UploadDatasetRequest, Dataset> UploadMethod = new(Service, "UploadDataset");
    private static readonly RpcMethod<ImportDatasetRequest, Dataset> ImportMethod = new(Service, "ImportDataset");
    private static readonly RpcMethod<ValidateDatasetRequest, DatasetReport> ValidateMethod = new(Service, "ValidateDataset");
    private readonly CallInvoker _invoker;

    internal FineTuningClient(CallInvoker invoker) => _invoker = invoker;

    /// <summary>Queues a job. Without a submit key it gets one of its own, so that repeating the call after a lost answer makes one job.</summary>
    /// <exception cref="InvalidRequestException">A field or a line of the data is wrong: nothing was queued.</exception>
    public Task<Job> CreateAsync(CreateJobRequest request, InferenceCallOptions? options = null, CancellationToken cancellationToken = default)
    {
        CreateJobRequest keyed = request.Clone();
        keyed.SubmitKey = keyed.SubmitKey.Length > 0 ? keyed.SubmitKey : Guid.NewGuid().ToString("N");
        return _invoker.UnaryAsync(CreateMethod, keyed, Patient(options), cancellationToken);
    }

    /// <exception cref="NotFoundException">The tenant has no such job.</exception>
    public Task<Job> GetAsync(string id, string tenant = "", InferenceCallOptions? options = null, CancellationToken cancellationToken = default) =>
        _invoker.UnaryAsync(GetMethod, new GetJobRequest { Id = id, TenantId = tenant }, options, cancellationToken);

    /// <summary>All jobs that the request names, newest first, page after page.</summary>
    public async IAsyncEnumerable<Job> ListAsync(
        ListJobsRequest request, InferenceCallOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ListJobsRequest next = request.Clone();
        do
        {
            ListJobsResponse page = await _invoker.UnaryAsync(ListMethod, next, options, cancellationToken);
            foreach (Job job in page.Jobs)
            {
                yield return job;
            }

            next.PageToken = page.NextPageToken;
        }
        while (next.PageToken.Length > 0);
    }

    /// <summary>Ends a job; one that runs stops a little later.</summary>
    /// <exception cref="NotFoundException">The tenant has no such job.</exception>
    public Task<Job> CancelAsync(string id, string tenant = "", InferenceCallOptions? options = null, CancellationToken cancellationToken = default) =>
        _invoker.UnaryAsync(CancelMethod, new CancelJobRequest { Id = id, TenantId = tenant }, options, cancellationToken);

    /// <summary>Sets a job aside; one that runs stops a little later.</summary>
    /// <exception cref="NotFoundException">The tenant has no such job.</exception>
    public Task<Job> PauseAsync(string id, string tenant = "", InferenceCallOptions? options = null, CancellationToken cancellationToken = default) =>
        _invoker.UnaryAsync(PauseMethod, new PauseJobRequest { Id = id, TenantId = tenant }, options, cancellationToken);

    /// <summary>Queues a paused job again.</summary>
    /// <exception cref="NotFoundException">The tenant has no such job.</exception>
    public Task<Job> ResumeAsync(string id, string tenant = "", InferenceCallOptions? options = null, CancellationToken cancellationToken = default) =>
        _invoker.UnaryAsync(ResumeMethod, new ResumeJobRequest { Id = id, TenantId = tenant }, options, cancellationToken);

    /// <summary>Queues a failed, cancelled or dead job again, from its last checkpoint.</summary>
    /// <exception cref="NotFoundException">The tenant has no such job.</exception>
    public Task<Job> RetryAsync(string id, string tenant = "", InferenceCallOptions? options = null, CancellationToken cancellationToken = default) =>
        _invoker.UnaryAsync(RetryMethod, new RetryJobRequest { Id = id, TenantId = tenant }, options, cancellationToken);

    /// <summary>
    /// Events and metrics from any point until the job has ended. A stream that breaks is opened again after the last event, so that
    /// none is missed and none comes twice; metrics of one step may.
    /// </summary>
    /// <param name="request">The job and where to begin.</param>
    /// <param name="options">What the calls do otherwise.</param>
    /// <param name="cancellationToken">Ends the watch.</param>
    /// <exception cref="NotFoundException">The tenant has no such job.</exception>
    /// <exception cref="ServerUnavailableException">No server answers any more.</exception>
    public async IAsyncEnumerable<WatchJobResponse> WatchAsync(
        WatchJobRequest request, InferenceCallOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        WatchJobRequest next = request.Clone();
        int failures = 0;
        while (true)
        {
            await using IAsyncEnumerator<WatchJobResponse> stream =
                _invoker.StreamAsync(WatchMethod, next, options, cancellation: cancellationToken).GetAsyncEnumerator(cancellationToken);
            while (true)
            {
                try
                {
                    if (!await stream.MoveNextAsync())
                    {
                        yield break;
                    }
                }
                catch (ServerUnavailableException) when (++failures < WatchRestarts)
                {
                    break;
                }

                WatchJobResponse response = stream.Current;
                failures = 0;
                next.AfterSequence = response.Events.Select(e => e.Sequence).Append(next.AfterSequence).Max();
                next.FromStep = response.Metrics.Select(m => m.Step).Append(next.FromStep).Max();
                yield return response;
            }
        }
    }

    /// <summary>Oldest first.</summary>
    /// <exception cref="NotFoundException">The tenant has no such job.</exception>
    public async Task<IReadOnlyList<Checkpoint>> ListCheckpointsAsync(
        string id, string tenant = "", InferenceCallOptions? options = null, CancellationToken cancellationToken = default) =>
        (await _invoker.UnaryAsync(CheckpointsMethod, new ListCheckpointsRequest { Id = id, TenantId = tenant }, options, cancellationToken)).Checkpoints;

    /// <summary>All metrics, by key and step.</summary>
    /// <exception cref="NotFoundException">The tenant has no such job.</exception>
    public async Task<IReadOnlyList<Metric>> ListMetricsAsync(
        string id, string tenant = "", InferenceCallOptions? options = null, CancellationToken cancellationToken = default) =>
        (await _invoker.UnaryAsync(MetricsMethod, new ListMetricsRequest { Id = id, TenantId = tenant }, options, cancellationToken)).Metrics;

    /// <summary>Stores a data set.</summary>
    /// <param name="filename">For people.</param>
    /// <param name="content">Read from where it stands to its end.</param>
    /// <param name="tenant">Whose file.</param>
    /// <param name="options">What this call does otherwise; without a timeout it may take as long as it takes.</param>
    /// <param name="cancellationToken">Ends the upload; nothing is kept.</param>
    /// <exception cref="InvalidRequestException">The file is too large, or its name is none.</exception>
    public Task<Dataset> UploadAsync(
        string filename, Stream content, string tenant = "", InferenceCallOptions? options = null, CancellationToken cancellationToken = default) =>
        _invoker.ClientStreamAsync(UploadMethod, () => Blocks(filename, content, tenant, cancellationToken), options, cancellationToken);

    /// <summary>Stores a file that lies under a data-set root of the server.</summary>
    /// <exception cref="InvalidRequestException">There is no such file, or it is too large.</exception>
    public Task<Dataset> ImportAsync(string path, string tenant = "", InferenceCallOptions? options = null, CancellationToken cancellationToken = default) =>
        _invoker.UnaryAsync(ImportMethod, new ImportDatasetRequest { Path = path, TenantId = tenant }, Patient(options), cancellationToken);

    /// <summary>What a job would find in a data set: faults, sizes, time and memory.</summary>
    /// <exception cref="NotFoundException">The tenant has no such file.</exception>
    public Task<DatasetReport> ValidateAsync(
        ValidateDatasetRequest request, InferenceCallOptions? options = null, CancellationToken cancellationToken = default) =>
        _invoker.UnaryAsync(ValidateMethod, request, Patient(options), cancellationToken);

    private static InferenceCallOptions Patient(InferenceCallOptions? options) =>
        options?.Timeout is null ? (options ?? new()) with { Timeout = DatasetTimeout } : options;

    private static async IAsyncEnumerable<UploadDatasetRequest> Blocks(
        string filename, Stream content, string tenant, [EnumeratorCancellation] CancellationToken cancellation)
    {
        yield return new UploadDatasetRequest { Filename = filename, TenantId = tenant };
        byte[] block = new byte[UploadBlockBytes];
        for (int count = await content.ReadAsync(block, cancellation); count > 0; count = await content.ReadAsync(block, cancellation))
        {
            yield return new UploadDatasetRequest { Content = ByteString.CopyFrom(block, 0, count) };
        }
    }
}
