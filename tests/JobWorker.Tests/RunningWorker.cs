using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using Inference.Artifacts;
using Inference.Jobs;
using Inference.JobWorker.TestTrainer;
using Inference.JobWorker.Trainers;
using Inference.Rpc.Client;
using Inference.TestSupport;
using Inference.Training.FineTuning;
using Microsoft.Extensions.DependencyInjection;

namespace Inference.JobWorker.Tests;

/// <summary>A job worker in this process: free ports, a data directory.</summary>
internal sealed class RunningWorker : IAsyncDisposable
{
    private const string Model = "tiny";

    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    private readonly JobWorkerServer _server;
    private readonly TemporaryDirectory? _own;

    private RunningWorker(JobWorkerServer server, string directory, TemporaryDirectory? own)
    {
        (_server, Directory, _own) = (server, directory, own);
        Channel = new RpcChannel(server.GrpcAddress);
        Http = new HttpClient { BaseAddress = server.HttpAddress };
    }

    /// <summary>The trainer that does as the payload's metadata says.</summary>
    public static TrainerCommand TestTrainer { get; } = new("dotnet", [typeof(Chain).Assembly.Location]);

    public RpcChannel Channel { get; }

    public HttpClient Http { get; }

    public IServiceProvider Services => _server.Services;

    public IJobStore Store => Services.GetRequiredService<IJobStore>();

    public ArtifactStore Artifacts => Services.GetRequiredService<ArtifactStore>();

    /// <summary>Its data directory.</summary>
    public string Directory { get; }

    /// <summary>A host that only serves its API.</summary>
    public static Task<RunningWorker> StartAsync(params (string Key, string Value)[] settings) => StartAsync(null, null, settings);

    /// <summary>A host that runs jobs with the test's trainer, or with the one given.</summary>
    public static Task<RunningWorker> StartTrainingAsync(params (string Key, string Value)[] settings) => StartAsync(TestTrainer, null, settings);

    /// <summary>A host on a data directory that others use too, or null for one of its own.</summary>
    public static async Task<RunningWorker> StartAsync(TrainerCommand? trainer, string? directory, params (string Key, string Value)[] settings)
    {
        TemporaryDirectory? own = directory is null ? new(inMemory: true) : null;
        directory ??= own!.Path;
        Dictionary<string, string?> configuration = new()
        {
            ["Server:GrpcPort"] = "0",
            ["Server:HttpPort"] = "0",
            ["Storage:Directory"] = directory,
            ["Models:Load:0:Name"] = Model,
            ["Models:Load:0:Path"] = directory,
            ["Queue:BackOff"] = "00:00:00",
            ["Worker:PollInterval"] = "00:00:00.100",
            ["Logging:LogLevel:Default"] = "Error",
        };
        foreach ((string key, string value) in settings)
        {
            configuration[key] = value;
        }

        JobWorkerServer server = new([], configuration, trainer: trainer);
        try
        {
            await server.StartAsync(CancellationToken.None);
        }
        catch
        {
            await server.DisposeAsync();
            own?.Dispose();
            throw;
        }

        return new RunningWorker(server, directory, own);
    }

    /// <summary>Uploads a data set and submits a job of so many steps, with a checkpoint at every second.</summary>
    /// <param name="steps">Its steps.</param>
    /// <param name="adapter">Name of the result, or null.</param>
    /// <param name="behaviour">What goes wrong, and where (JobWorker.TestTrainer).</param>
    public async Task<Job> SubmitAsync(int steps, string? adapter = null, params (string Key, int Value)[] behaviour)
    {
        string hash = await UploadAsync("{\"prompt\": \"a\", \"completion\": \"b\"}\n");
        FineTuningSpec spec = new()
        {
            BaseModel = Model,
            TrainingData = hash,
            AdapterName = adapter,
            Hyperparameters = new FineTuningHyperparameters { MaxSteps = steps, CheckpointEvery = 2 },
            Metadata = behaviour.ToDictionary(b => b.Key, b => $"{b.Value}"),
        };
        return await SubmitAsync(spec);
    }

    /// <summary>Stores a data set.</summary>
    /// <returns>Its hash.</returns>
    public async Task<string> UploadAsync(string lines)
    {
        byte[] data = Encoding.UTF8.GetBytes(lines);
        string hash = Convert.ToHexStringLower(SHA256.HashData(data));
        await Services.GetRequiredService<IBlobStore>().PutAsync(BlobName.Dataset(hash), new MemoryStream(data));
        return hash;
    }

    public Task<Job> SubmitAsync(FineTuningSpec spec, string tenant = "") =>
        Store.SubmitAsync(new JobSubmission { Kind = FineTuningSpec.JobKind, Tenant = tenant, Payload = spec.ToJson() });

    /// <summary>Waits until the job is as wanted.</summary>
    public async Task<Job> WaitAsync(Job job, Func<Job, bool> condition)
    {
        using CancellationTokenSource limit = new(Limit);
        while (true)
        {
            Task hint = Store.NextJobHint(job.Id);
            Job now = (await Store.FindAsync(job.Id))!;
            if (condition(now))
            {
                return now;
            }

            if (limit.IsCancellationRequested)
            {
                throw new TimeoutException($"{now}\n{string.Join('\n', await Store.ListEventsAsync(job.Id))}");
            }

            await Task.WhenAny(hint, Task.Delay(100));
        }
    }

    /// <summary>Waits until the job has ended.</summary>
    public Task<Job> WaitForEndAsync(Job job) => WaitAsync(job, j => j.State.IsTerminal());

    /// <summary>Waits for the newest trainer of the job to begin; one that is gone is not meant.</summary>
    /// <returns>Its process.</returns>
    public async Task<Process> TrainerAsync(Job job)
    {
        using CancellationTokenSource limit = new(Limit);
        while (true)
        {
            IReadOnlyList<JobEvent> events = await Store.ListEventsAsync(job.Id);
            if (events.LastOrDefault(e => e.Kind is "process" or "job.running") is { Kind: "process" } newest && Find(newest.Message) is { } process)
            {
                return process;
            }

            if (limit.IsCancellationRequested || (await Store.FindAsync(job.Id))!.State.IsTerminal())
            {
                throw new TimeoutException($"no trainer came\n{string.Join('\n', events)}");
            }

            await Task.Delay(20);
        }

        static Process? Find(string id)
        {
            try
            {
                return Process.GetProcessById(int.Parse(id));
            }
            catch (ArgumentException)
            {
                return null;
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        Channel.Dispose();
        Http.Dispose();
        await _server.StopAsync(CancellationToken.None);
        await _server.DisposeAsync();
        _own?.Dispose();
    }
}
