using System.ClientModel;
using System.Diagnostics;
using Inference.Artifacts;
using Inference.InferenceHost;
using Inference.Interop;
using Inference.Models.Lora;
using Inference.Models.Weights;
using Inference.TestSupport;
using OpenAI;
using OpenAI.Chat;

namespace Inference.JobWorker.Tests;

/// <summary>A host that shares nothing with the trainers but a bucket: it serves what is published there, by its content.</summary>
public sealed class BucketAdaptersTests : IAsyncLifetime
{
    private readonly TemporaryDirectory _directory = new();
    private S3Server? _bucket;
    private S3BlobStore? _blobs;
    private InferenceServer? _server;

    private S3BlobStore Blobs => _blobs ?? throw new InvalidOperationException("not started");

    private string Copies => _directory.File("host/adapter-copies");

    public async Task InitializeAsync()
    {
        if (InteropClient.S3ServerMissing is not null)
        {
            return;
        }

        _bucket = await S3Server.StartAsync(_directory.File("bucket"));
        _blobs = new S3BlobStore(_bucket.Options);
        _server = new InferenceServer([], new Dictionary<string, string?>
        {
            ["Server:GrpcPort"] = "0",
            ["Server:HttpPort"] = "0",
            ["Storage:Directory"] = _directory.File("host"),
            ["Artifacts:S3:Bucket"] = _bucket.Options.Bucket,
            ["Artifacts:S3:Endpoint"] = _bucket.Options.Endpoint,
            ["Artifacts:S3:PathStyle"] = "true",
            ["Artifacts:S3:AccessKey"] = _bucket.Options.AccessKey,
            ["Artifacts:S3:SecretKey"] = _bucket.Options.SecretKey,
            ["Models:Roots:0"] = Path.Combine(SharedData.RepositoryRoot, "models"),
            ["Logging:LogLevel:Default"] = "Error",
        });
        await _server.StartAsync(CancellationToken.None);
        using HttpClient http = new() { BaseAddress = _server.HttpAddress };
        using CancellationTokenSource limit = new(TimeSpan.FromMinutes(1));
        while (!(await http.GetAsync("/readyz", limit.Token)).IsSuccessStatusCode)
        {
            await Task.Delay(20, limit.Token);
        }
    }

    public async Task DisposeAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }

        _blobs?.Dispose();
        if (_bucket is not null)
        {
            await _bucket.DisposeAsync();
        }

        _directory.Dispose();
    }

    [InteropFact("s3rver")]
    public async Task A_name_means_what_the_bucket_says_and_moves_with_it()
    {
        await SaveAsync("student", "1", seed: 1);
        await SaveAsync("student", "2", seed: 2);
        await PointAsync("student", "1");

        string first = await AskAsync("demo:student"), second = await AskAsync("demo:student@2"), plain = await AskAsync("demo");
        await PointAsync("student", "2\n1");
        string moved = await UntilAsync(() => AskAsync("demo:student"), answer => answer == second);
        await PostAsync("/v1/adapters/rollback", """{"name":"student"}""");
        string back = await AskAsync("demo:student");

        Assert.Equal(3, new HashSet<string> { first, second, plain }.Count);
        Assert.Equal(second, moved);
        Assert.Equal(first, back);
        await using Stream pointer = (await Blobs.OpenAsync("adapters/student/current"))!;
        Assert.Equal("1\n", await new StreamReader(pointer).ReadToEndAsync());
    }

    [InteropFact("s3rver")]
    public async Task Files_that_are_not_those_that_were_saved_fail_their_request_only()
    {
        await SaveAsync("good", "1", seed: 1);
        await PointAsync("good", "1");
        await SaveAsync("torn", "1", seed: 2);
        await PointAsync("torn", "1");
        await Blobs.PutAsync($"adapters/torn/1/{PeftConfigFile.Name}", new MemoryStream("{}"u8.ToArray()));

        ClientResultException torn = await Assert.ThrowsAsync<ClientResultException>(() => AskAsync("demo:torn"));
        ClientResultException absent = await Assert.ThrowsAsync<ClientResultException>(() => AskAsync("demo:absent"));
        string good = await AskAsync("demo:good");
        await _bucket!.DisposeAsync();
        _bucket = null;
        string withoutBucket = await AskAsync("demo:good");
        ClientResultException unreachable = await Assert.ThrowsAsync<ClientResultException>(() => AskAsync("demo:never-seen"));

        Assert.Equal(400, torn.Status);
        Assert.Contains("it was saved with", torn.Message);
        Assert.Equal(404, absent.Status);
        Assert.Equal(good, withoutBucket);
        Assert.Contains("artifact store", unreachable.Message);
        Assert.Equal(["good"], Directory.GetDirectories(Copies).Select(Path.GetFileName).Where(name => Directory.Exists(Path.Combine(Copies, name!, "1"))));
    }

    /// <summary>A random adapter of the demo model, saved as trainers do.</summary>
    private async Task SaveAsync(string name, string version, int seed)
    {
        string files = _directory.File($"{name}-{version}");
        LoraConfig lora = new() { Rank = 4, Alpha = 64, TargetModules = TargetModules.AllLinear };
        RandomAdapter.Write(files, HuggingFaceConfig.Read(Path.Combine(SharedData.RepositoryRoot, "models/demo")), lora, seed);
        await new ArtifactStore(Blobs).SaveAsync($"{BlobName.Adapters}/{name}/{version}", files);
    }

    private Task PointAsync(string name, string history) =>
        Blobs.PutAsync($"{BlobName.Adapters}/{name}/{AdapterDirectory.PointerName}", new MemoryStream(System.Text.Encoding.UTF8.GetBytes(history + "\n")));

    private async Task<string> AskAsync(string model)
    {
        OpenAIClientOptions options = new() { Endpoint = new Uri(_server!.HttpAddress, "/v1"), RetryPolicy = new System.ClientModel.Primitives.ClientRetryPolicy(0) };
        ChatCompletion answer = await new OpenAIClient(new ApiKeyCredential("no key is asked for"), options).GetChatClient(model).CompleteChatAsync(
            [new UserChatMessage("What is a river?")], new ChatCompletionOptions { Temperature = 0, MaxOutputTokenCount = 12 });
        return answer.Content[0].Text;
    }

    private async Task PostAsync(string path, string body)
    {
        using HttpClient http = new() { BaseAddress = _server!.HttpAddress };
        using StringContent content = new(body, System.Text.Encoding.UTF8, "application/json");
        using HttpResponseMessage response = await http.PostAsync(path, content);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
    }

    /// <summary>What a name means is asked for once a second.</summary>
    private static async Task<string> UntilAsync(Func<Task<string>> ask, Func<string, bool> isWanted)
    {
        long begun = Stopwatch.GetTimestamp();
        string answer = await ask();
        while (!isWanted(answer) && Stopwatch.GetElapsedTime(begun) < TimeSpan.FromMinutes(1))
        {
            await Task.Delay(50);
            answer = await ask();
        }

        return answer;
    }
}
