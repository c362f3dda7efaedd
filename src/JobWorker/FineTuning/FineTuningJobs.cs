using Inference.Jobs;
using Inference.JobWorker.Adapters;
using Inference.JobWorker.Datasets;
using Inference.JobWorker.Models;
using Inference.Training.Datasets;
using Inference.Training.FineTuning;
using Microsoft.Extensions.Options;

namespace Inference.JobWorker.FineTuning;

/// <summary>Fine-tuning jobs as both protocols offer them: checked before they are queued, seen by their tenant only.</summary>
public sealed class FineTuningJobs(
    IJobStore store, DatasetStore datasets, DatasetInspector inspector, TrainingEstimator estimator, BaseModels models,
    AdapterPublisher publisher, IOptions<WorkerOptions> worker, TimeProvider time)
{
    /// <summary>Faults that an error names; the rest is a number.</summary>
    private const int FaultsInError = 10;

    /// <summary>Checks a submission and its data, then queues it.</summary>
    /// <exception cref="InvalidFieldsException">A field or a file is at fault; nothing was queued.</exception>
    /// <exception cref="SubmitKeyConflictException">The key belongs to another submission.</exception>
    public async Task<FineTuningJob> CreateAsync(NewFineTuningJob request, CancellationToken cancellation = default)
    {
        BaseModel model = Model(request.Model);
        SubmissionRules.Check(request, model);
        if (request.Suffix is { } name && !await publisher.IsFreeAsync(name, request.Tenant, cancellation))
        {
            throw new InvalidFieldsException("suffix", $"\"{name}\" is another tenant's");
        }

        DateTimeOffset asOf = new(time.GetUtcNow().Date, TimeSpan.Zero);
        DatasetFile training = await FileAsync(request.Tenant, "training_file", request.TrainingFile, cancellation);
        DatasetFile? validation = request.ValidationFile is { } id ? await FileAsync(request.Tenant, "validation_file", id, cancellation) : null;
        DatasetReport report = await CheckedAsync("training_file", training, request, model, asOf, cancellation);
        int longest = report.LongestExample;
        if (validation is not null)
        {
            longest = Math.Max(longest, (await CheckedAsync("validation_file", validation, request, model, asOf, cancellation)).LongestExample);
        }

        if (FineTunableBase.LengthFault(model.Config, Math.Min(longest, MaxTokens(request, model))) is { } fault)
        {
            throw new InvalidFieldsException("hyperparameters.max_sequence_length", fault);
        }

        FineTuningSpec spec = new()
        {
            BaseModel = request.Model,
            Method = request.Method,
            TrainingData = training.Sha256,
            ValidationData = validation?.Sha256,
            AdapterName = request.Suffix,
            AsOf = asOf,
            Seed = request.Seed,
            Hyperparameters = request.Hyperparameters,
            TrainingFile = training.Id,
            ValidationFile = validation?.Id,
            Metadata = request.Metadata,
        };
        return await SubmitAsync(request, spec with { Estimate = await estimator.EstimateAsync(model, spec, report, cancellation) }, cancellation);
    }

    /// <summary>What a job with this file would find.</summary>
    /// <exception cref="InvalidFieldsException">The model or a hyperparameter is at fault.</exception>
    /// <exception cref="ResourceNotFoundException">There is no such file.</exception>
    public async Task<(DatasetReport Report, FineTuningEstimate Estimate)> ValidateAsync(
        string tenant, string file, string model, FineTuningMethod method, FineTuningHyperparameters parameters, CancellationToken cancellation = default)
    {
        BaseModel found = Model(model);
        SubmissionRules.Check(parameters, method, found);
        DatasetFile data = await datasets.FindAsync(tenant, file, cancellation) ?? throw new ResourceNotFoundException("file", file);
        FineTuningSpec spec = new() { BaseModel = model, TrainingData = data.Sha256, Method = method, Hyperparameters = parameters };
        DatasetReport report = await inspector.InspectAsync(
            data.Sha256, found, method, MaxTokens(spec, found), new(time.GetUtcNow().Date, TimeSpan.Zero), cancellation);
        return (report, await estimator.EstimateAsync(found, spec, report, cancellation));
    }

    /// <summary>A job of the tenant. If it succeeded, its adapter is published.</summary>
    /// <exception cref="ResourceNotFoundException">There is none.</exception>
    public async Task<FineTuningJob> GetAsync(string tenant, string id, CancellationToken cancellation = default)
    {
        if (JobIds.Parse(id) is not { } number || await store.FindAsync(number, cancellation) is not { Kind: FineTuningSpec.JobKind } job || job.Tenant != tenant)
        {
            throw new ResourceNotFoundException("job", id);
        }

        await publisher.EnsureAsync(job, cancellation);
        return FineTuningJob.Of(job);
    }

    /// <summary>A page of the tenant's jobs, newest first, and where the next begins.</summary>
    /// <exception cref="InvalidFieldsException">The name is no tenant's.</exception>
    public async Task<(IReadOnlyList<FineTuningJob> Jobs, long? Next)> ListAsync(
        string tenant, IReadOnlyList<JobState> states, long? before, int limit, CancellationToken cancellation = default)
    {
        if (SubmissionRules.TenantFault(tenant) is { } fault)
        {
            throw new InvalidFieldsException("tenant_id", fault);
        }

        JobPage page = await store.ListAsync(
            new JobFilter { Tenant = tenant, Kind = FineTuningSpec.JobKind, States = states, Before = before, Limit = limit }, cancellation);
        return ([.. page.Jobs.Select(FineTuningJob.Of)], page.Next);
    }

    /// <summary>Cancels, pauses, resumes or retries a job.</summary>
    /// <param name="tenant">Whose job.</param>
    /// <param name="id">Its id.</param>
    /// <param name="change">An operation of the store.</param>
    /// <exception cref="ResourceNotFoundException">There is none.</exception>
    /// <exception cref="JobStateException">Its state does not allow it.</exception>
    public async Task<FineTuningJob> ChangeAsync(string tenant, string id, Func<IJobStore, long, Task<Job>> change) =>
        FineTuningJob.Of(await change(store, (await GetAsync(tenant, id)).Job.Id));

    /// <summary>As the trainer will have it.</summary>
    private static int MaxTokens(FineTuningSpec spec, BaseModel model) => FineTuningOptions.From(spec, model.Config, examples: 0).MaxSequenceLength;

    private static int MaxTokens(NewFineTuningJob request, BaseModel model) => MaxTokens(
        new FineTuningSpec { BaseModel = request.Model, TrainingData = "", Method = request.Method, Hyperparameters = request.Hyperparameters }, model);

    private BaseModel Model(string name) => models.Find(name)
        ?? throw new InvalidFieldsException("model", $"there is no base model \"{name}\"; there are {string.Join(", ", models.Names)}");

    private async Task<DatasetFile> FileAsync(string tenant, string field, string id, CancellationToken cancellation) =>
        await datasets.FindAsync(tenant, id, cancellation) ?? throw new InvalidFieldsException(field, $"there is no file \"{id}\"");

    private async Task<DatasetReport> CheckedAsync(
        string field, DatasetFile file, NewFineTuningJob request, BaseModel model, DateTimeOffset asOf, CancellationToken cancellation)
    {
        DatasetReport report = await inspector.InspectAsync(
            file.Sha256, model, request.Method, MaxTokens(request, model), asOf, cancellation);
        if (report.IsValid)
        {
            return report;
        }

        (string, string)[] faults = [.. report.Faults.Take(FaultsInError).Select(f => (field, f.ToString()))];
        throw new InvalidFieldsException(report.FaultCount <= faults.Length
            ? faults : [.. faults, (field, $"… {report.FaultCount} faults in all")]);
    }

    private async Task<FineTuningJob> SubmitAsync(NewFineTuningJob request, FineTuningSpec spec, CancellationToken cancellation)
    {
        JobSubmission submission = new()
        {
            Kind = FineTuningSpec.JobKind,
            Tenant = request.Tenant,
            Payload = spec.ToJson(),
            SubmitKey = request.SubmitKey,
            Priority = request.Priority,
            SlotKind = worker.Value.SlotKind,
        };
        try
        {
            return FineTuningJob.Of(await store.SubmitAsync(submission, cancellation));
        }
        catch (SubmitKeyConflictException conflict)
        {
            if (await SameAsync(conflict.ExistingId, request, spec, cancellation) is { } existing)
            {
                return existing;
            }

            throw;
        }
    }

    /// <summary>The job of the same submit key, if only the day and the estimate have changed since, which the client did not say.</summary>
    private async Task<FineTuningJob?> SameAsync(long existingId, NewFineTuningJob request, FineTuningSpec spec, CancellationToken cancellation)
    {
        if (await store.FindAsync(existingId, cancellation) is not { Kind: FineTuningSpec.JobKind } job || job.Priority != request.Priority)
        {
            return null;
        }

        FineTuningSpec former = FineTuningSpec.Parse(job.Payload);
        return (spec with { AsOf = former.AsOf, Estimate = former.Estimate }).ToJson() == former.ToJson() ? new FineTuningJob(job, former) : null;
    }
}
