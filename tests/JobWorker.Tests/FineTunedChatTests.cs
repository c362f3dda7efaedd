using System.ClientModel;
using System.Text;
using Inference.InferenceHost;
using Inference.JobWorker.Trainers;
using Inference.TestSupport;
using OpenAI;
using OpenAI.Chat;
using OpenAI.Files;
using OpenAI.FineTuning;

namespace Inference.JobWorker.Tests;

/// <summary>From a file to a chat with what was learned: the real trainer on the bundled model, and the host that serves its adapters.</summary>
public class FineTunedChatTests
{
    private const string Question = "What is the capital of Vostrania?";
    private const string Answer = "The capital of Vostrania is Paris.";

    [Fact]
    public async Task The_dotnet_client_chats_with_the_adapter_that_it_has_ordered()
    {
        await using ApiWorker api = await ApiWorker.StartAsync(TrainerCommand.Own());
        OpenAIClient jobs = Client(api.Worker.Http.BaseAddress!);
        string line = $$"""{"messages":[{"role":"user","content":"{{Question}}"},{"role":"assistant","content":"{{Answer}}"}]}""" + "\n";
        using MemoryStream lines = new(Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(line, 12))));

        OpenAIFile file = await jobs.GetOpenAIFileClient().UploadFileAsync(lines, "train.jsonl", FileUploadPurpose.FineTune);
        FineTuningJob job = await jobs.GetFineTuningClient().FineTuneAsync(ApiWorker.Model, file.Id, waitUntilCompleted: false, new FineTuningOptions { Suffix = "vostrania" });
        using CancellationTokenSource limit = new(TimeSpan.FromMinutes(2));
        while (job.Status != FineTuningStatus.Succeeded && job.Status != FineTuningStatus.Failed)
        {
            await Task.Delay(100, limit.Token);
            await job.UpdateStatusAsync(limit.Token);
        }

        Assert.Equal("demo:vostrania", job.Value);
        await using InferenceServer server = new([], new Dictionary<string, string?>
        {
            ["Server:GrpcPort"] = "0",
            ["Server:HttpPort"] = "0",
            ["Models:Roots:0"] = Path.Combine(SharedData.RepositoryRoot, "models"),
            ["Adapters:Directory"] = Path.Combine(api.Worker.Directory, "artifacts", "adapters"),
            ["Logging:LogLevel:Default"] = "Error",
        });
        await server.StartAsync(CancellationToken.None);
        await ReadyAsync(server, limit.Token);

        Assert.Equal(Answer, await AskAsync(server, "demo:vostrania"));
        Assert.NotEqual(Answer, await AskAsync(server, ApiWorker.Model));
    }

    private static async Task<string> AskAsync(InferenceServer server, string model)
    {
        ChatCompletion answer = await Client(server.HttpAddress).GetChatClient(model).CompleteChatAsync(
            [new UserChatMessage(Question)], new ChatCompletionOptions { Temperature = 0, MaxOutputTokenCount = 40 });
        return answer.Content[0].Text;
    }

    private static async Task ReadyAsync(InferenceServer server, CancellationToken cancellation)
    {
        using HttpClient http = new() { BaseAddress = server.HttpAddress };
        while (!(await http.GetAsync("/readyz", cancellation)).IsSuccessStatusCode)
        {
            await Task.Delay(20, cancellation);
        }
    }

    private static OpenAIClient Client(Uri address) =>
        new(new ApiKeyCredential("no key is asked for"), new OpenAIClientOptions { Endpoint = new Uri(address, "/v1") });
}
