using System.ClientModel;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Inference.Interop;
using Inference.Jobs;
using Inference.TestSupport;
using OpenAI;
using OpenAI.Files;
using OpenAI.FineTuning;

namespace Inference.JobWorker.Tests;

/// <summary>OpenAI's own clients drive a job from upload to its end; the trainer is the test's.</summary>
public class OpenAiFineTuningTests
{
    [Fact]
    public async Task The_dotnet_client_uploads_trains_and_reads_events_and_checkpoints()
    {
        await using ApiWorker api = await ApiWorker.StartTrainingAsync();
        OpenAIClient client = Client(api);
        using MemoryStream lines = new(Encoding.UTF8.GetBytes(ApiWorker.GoodLines));

        OpenAIFile file = await client.GetOpenAIFileClient().UploadFileAsync(lines, "train.jsonl", FileUploadPurpose.FineTune);
        FineTuningJob job = await client.GetFineTuningClient().FineTuneAsync(
            ApiWorker.Model, file.Id, waitUntilCompleted: false, new FineTuningOptions { Suffix = "dotnet", Seed = 5 });
        using CancellationTokenSource limit = new(TimeSpan.FromMinutes(1));
        while (job.Status != FineTuningStatus.Succeeded && job.Status != FineTuningStatus.Failed)
        {
            await Task.Delay(50, limit.Token);
            await job.UpdateStatusAsync(limit.Token);
        }

        Assert.Equal(FineTuningStatus.Succeeded, job.Status);
        Assert.Equal("demo:dotnet", job.Value);
        Assert.Equal(ApiWorker.GoodLines.Length, file.SizeInBytes);
        List<FineTuningEvent> events = await job.GetEventsAsync(new GetEventsOptions { PageSize = 3 }).ToListAsync();
        Assert.Equal((await api.Worker.Store.FindAsync(long.Parse(job.JobId["ftjob-".Length..])))!.LastEvent, events.Count);
        Assert.Equal(events.Count, events.Select(e => e.Id).Distinct().Count());
        List<FineTuningCheckpoint> checkpoints = await job.GetCheckpointsAsync(new GetCheckpointsOptions()).ToListAsync();
        Assert.NotEmpty(checkpoints);
        Assert.All(checkpoints, c => Assert.NotNull(c.Metrics.TrainLoss));
        Assert.Equal(job.JobId, Assert.Single(await client.GetFineTuningClient().GetJobsAsync(new FineTuningJobCollectionOptions()).ToListAsync()).JobId);
        Assert.Equal(file.Id, Assert.Single((await client.GetOpenAIFileClient().GetFilesAsync()).Value).Id);
    }

    [InteropFact("openai")]
    public async Task The_npm_client_uploads_trains_and_reads_events_and_checkpoints()
    {
        using TemporaryDirectory directory = new();
        await File.WriteAllTextAsync(directory.File("train.jsonl"), ApiWorker.GoodLines);
        await using ApiWorker api = await ApiWorker.StartTrainingAsync();

        ProcessResult run = await InteropClient.RunNodeAsync(
            "finetune.mjs", new Uri(api.Worker.Http.BaseAddress!, "/v1").ToString(), ApiWorker.Model, directory.File("train.jsonl"));

        Assert.True(run.ExitCode == 0, run.Error);
        JsonNode seen = JsonNode.Parse(run.Output)!;
        Assert.Equal(("queued", 2, "auto"), (Text(seen, "created", "status"), seen["created"]!["hyperparameters"]!["n_epochs"]!.GetValue<int>(), Text(seen, "created", "hyperparameters", "batch_size")));
        Assert.Equal(("succeeded", "demo:npm"), (Text(seen, "job", "status"), Text(seen, "job", "fine_tuned_model")));
        Assert.Equal(("paused", "cancelled"), (Text(seen, "paused"), Text(seen, "cancelled")));
        Assert.True(seen["events"]!.AsArray().Count > 3);
        Assert.NotNull(seen["checkpoints"]![0]!["metrics"]!["train_loss"]);
        Assert.Equal(2, seen["jobs"]!.AsArray().Count);
        Assert.Equal(ApiWorker.GoodLines, Text(seen, "content"));
        Assert.Equal(2, seen["files"]!.AsArray().Count);
        Assert.Equal("file_not_found", Text(seen, "deleted", "code"));
        Assert.Equal("training_file", Text(seen, "invalid", "param"));
        Assert.Contains("line 1: messages must have 1 to 1000 messages, not 0", Text(seen, "invalid", "message"));
        Assert.Equal("purpose", Text(seen, "purpose", "param"));
        Assert.Equal("job_not_found", Text(seen, "unknown", "code"));
    }

    [Theory]
    [InlineData("""{"training_file":"file-1"}""", 400, "model")]
    [InlineData("""{"model":"demo"}""", 400, "training_file")]
    [InlineData("""{"model":"demo","training_file":"file-1"}""", 400, "training_file")]
    [InlineData("""{"model":"demo","training_file":"file-1","method":{"type":"reinforcement"}}""", 400, "method.type")]
    [InlineData("""{"model":"demo","training_file":"file-1","hyperparameters":{"n_epochs":0}}""", 400, "hyperparameters.n_epochs")]
    [InlineData("""{"model":"demo","training_file":"file-1","hyperparameters":{"n_epochs":"many"}}""", 400, "hyperparameters.n_epochs")]
    [InlineData("""{"model":"demo","training_file":"file-1","hyperparameters":{"epochs":3}}""", 400, "hyperparameters.epochs")]
    [InlineData("""{"model":"demo","training_file":"file-1","integrations":[{"type":"wandb"}]}""", 400, "integrations")]
    [InlineData("""{"model":7}""", 400, "model")]
    [InlineData("nonsense", 400, null)]
    public async Task A_wrong_submission_names_its_field(string body, int status, string? param)
    {
        await using ApiWorker api = await ApiWorker.StartAsync();
        using StringContent content = new(body, Encoding.UTF8, "application/json");

        using HttpResponseMessage response = await api.Worker.Http.PostAsync("/v1/fine_tuning/jobs", content);

        JsonNode error = JsonNode.Parse(await response.Content.ReadAsStringAsync())!["error"]!;
        Assert.Equal((status, param), ((int)response.StatusCode, error["param"]?.GetValue<string>()));
        Assert.Empty((await api.Worker.Store.ListAsync(new JobFilter())).Jobs);
    }

    [Fact]
    public async Task A_file_past_the_limit_is_too_large()
    {
        await using ApiWorker api = await ApiWorker.StartAsync(("Datasets:MaxBytes", "1024"));
        using MultipartFormDataContent form = Form(new string('x', 2000));

        using HttpResponseMessage response = await api.Worker.Http.PostAsync("/v1/files", form);

        Assert.Equal(413, (int)response.StatusCode);
        Assert.Contains("more than 1024 bytes", await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Files_are_the_tenant_s_and_keys_make_submissions_idempotent()
    {
        await using ApiWorker api = await ApiWorker.StartAsync();
        api.Worker.Http.DefaultRequestHeaders.Add("X-Tenant-Id", "anna");
        using MultipartFormDataContent form = Form(ApiWorker.GoodLines);
        using HttpResponseMessage upload = await api.Worker.Http.PostAsync("/v1/files", form);
        string file = JsonNode.Parse(await upload.Content.ReadAsStringAsync())!["id"]!.GetValue<string>();
        List<string> ids = [];
        for (int i = 0; i < 2; i++)
        {
            using HttpRequestMessage request = new(HttpMethod.Post, "/v1/fine_tuning/jobs");
            request.Content = new StringContent($$"""{"model":"demo","training_file":"{{file}}"}""", new MediaTypeHeaderValue("application/json"));
            request.Headers.Add("Idempotency-Key", "k1");
            using HttpResponseMessage response = await api.Worker.Http.SendAsync(request);
            ids.Add(JsonNode.Parse(await response.Content.ReadAsStringAsync())!["id"]!.GetValue<string>());
        }

        api.Worker.Http.DefaultRequestHeaders.Remove("X-Tenant-Id");
        using HttpResponseMessage other = await api.Worker.Http.GetAsync($"/v1/files/{file}");

        Assert.Equal(ids[0], ids[1]);
        Assert.Equal(404, (int)other.StatusCode);
    }

    private static MultipartFormDataContent Form(string content) => new()
    {
        { new StringContent("fine-tune"), "purpose" },
        { new StringContent(content), "file", "train.jsonl" },
    };

    private static OpenAIClient Client(ApiWorker api) => new(
        new ApiKeyCredential("no key is asked for"), new OpenAIClientOptions { Endpoint = new Uri(api.Worker.Http.BaseAddress!, "/v1") });

    private static string? Text(JsonNode node, params string[] path) => path.Aggregate((JsonNode?)node, (n, name) => n?[name])?.GetValue<string>();
}
