using System.Text;
using Inference.ClientLib;
using Inference.Contracts.FineTuning.V1;
using Inference.JobWorker.Trainers;
using Inference.TestSupport;

namespace Inference.JobWorker.Tests;

/// <summary>A running worker with the demo model as a base, and a client of it.</summary>
internal sealed class ApiWorker : IAsyncDisposable
{
    public const string Model = "demo";

    /// <summary>Ten conversations.</summary>
    public static readonly string GoodLines = string.Concat(Enumerable.Range(0, 10).Select(i =>
        $$"""{"messages":[{"role":"user","content":"What is {{i}} + 1?"},{"role":"assistant","content":"It is {{i + 1}}."}]}""" + "\n"));

    private ApiWorker(RunningWorker worker)
    {
        Worker = worker;
        Client = new InferenceClient(worker.Channel.Address);
    }

    public RunningWorker Worker { get; }

    public InferenceClient Client { get; }

    public FineTuningClient Jobs => Client.FineTuning;

    /// <summary>Without a trainer: jobs stay queued, and tests play the worker.</summary>
    public static async Task<ApiWorker> StartAsync(params (string Key, string Value)[] settings) =>
        new(await RunningWorker.StartAsync([("Worker:Slots", "0"), .. WithDemo(settings)]));

    /// <summary>With the test's trainer.</summary>
    public static Task<ApiWorker> StartTrainingAsync(params (string Key, string Value)[] settings) => StartAsync(RunningWorker.TestTrainer, settings);

    /// <summary>With a trainer.</summary>
    public static async Task<ApiWorker> StartAsync(TrainerCommand trainer, params (string Key, string Value)[] settings) =>
        new(await RunningWorker.StartAsync(trainer, null, WithDemo(settings)));

    public async Task<Dataset> UploadAsync(string lines, string tenant = "", string name = "train.jsonl") =>
        await Jobs.UploadAsync(name, new MemoryStream(Encoding.UTF8.GetBytes(lines)), tenant);

    /// <summary>Uploads ten conversations and submits a job.</summary>
    public async Task<Job> SubmitAsync(Action<CreateJobRequest>? change = null)
    {
        CreateJobRequest request = new() { Model = Model, TrainingFile = (await UploadAsync(GoodLines)).Id };
        change?.Invoke(request);
        return await Jobs.CreateAsync(request);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await Worker.DisposeAsync();
    }

    private static (string Key, string Value)[] WithDemo((string Key, string Value)[] settings) =>
        [("Models:Roots:0", Path.Combine(SharedData.RepositoryRoot, "models")), .. settings];
}
