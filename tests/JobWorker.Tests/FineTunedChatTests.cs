using System.Text;
using System.Text.Json.Nodes;
using Inference.ClientLib;
using Inference.Contracts.FineTuning.V1;
using Inference.Contracts.V1;
using Inference.Interop;
using Inference.TestSupport;
using OpenAI;
using OpenAI.Chat;
using OpenAI.Files;
using OpenAI.FineTuning;

namespace Inference.JobWorker.Tests;

/// <summary>From a file to a chat with what was learned, at one address: the real trainer on the bundled model, served in the same process.</summary>
public class FineTunedChatTests(OneMachine machine) : IClassFixture<OneMachine>
{
    [Fact]
    public async Task The_dotnet_client_chats_with_the_adapter_that_it_has_ordered()
    {
        OpenAIClient client = machine.OpenAi();
        using MemoryStream lines = new(Encoding.UTF8.GetBytes(OneMachine.Lines));

        OpenAIFile file = await client.GetOpenAIFileClient().UploadFileAsync(lines, "train.jsonl", FileUploadPurpose.FineTune);
        FineTuningJob job = await client.GetFineTuningClient().FineTuneAsync(ApiWorker.Model, file.Id, waitUntilCompleted: false, new FineTuningOptions { Suffix = "dotnet" });
        using CancellationTokenSource limit = new(TimeSpan.FromMinutes(2));
        while (job.Status != FineTuningStatus.Succeeded && job.Status != FineTuningStatus.Failed)
        {
            await Task.Delay(20, limit.Token);
            await job.UpdateStatusAsync(limit.Token);
        }

        string model = Assert.IsType<string>(job.Value);
        Assert.Equal("demo:dotnet", model);
        Assert.Equal(OneMachine.Answer, await AskAsync(client, model));
        Assert.NotEqual(OneMachine.Answer, await AskAsync(client, ApiWorker.Model));
    }

    [InteropFact("openai")]
    public async Task The_npm_client_chats_with_the_adapter_that_it_has_ordered()
    {
        using TemporaryDirectory directory = new();
        await File.WriteAllTextAsync(directory.File("train.jsonl"), OneMachine.Lines);

        ProcessResult run = await InteropClient.RunNodeAsync(
            "finetune-chat.mjs", machine.BaseAddress.ToString(), ApiWorker.Model, directory.File("train.jsonl"), OneMachine.Question);

        Assert.True(run.ExitCode == 0, run.Error);
        JsonNode seen = JsonNode.Parse(run.Output)!;
        Assert.Equal("demo:npm", seen["model"]!.GetValue<string>());
        Assert.Equal(OneMachine.Answer, seen["answer"]!.GetValue<string>());
        Assert.NotEqual(OneMachine.Answer, seen["base"]!.GetValue<string>());
    }

    [Fact]
    public async Task Who_watches_a_job_can_ask_its_adapter_the_moment_that_it_succeeds()
    {
        using InferenceClient client = new(machine.GrpcAddress);
        Dataset data = await client.FineTuning.UploadAsync("train.jsonl", new MemoryStream(Encoding.UTF8.GetBytes(OneMachine.Lines)));
        CreateJobRequest request = new() { Model = ApiWorker.Model, TrainingFile = data.Id, Suffix = "watched", Hyperparameters = new Hyperparameters { MaxSteps = 3 } };
        Job job = await client.FineTuning.CreateAsync(request);
        using CancellationTokenSource limit = new(TimeSpan.FromMinutes(2));
        List<GenerationResult> answers = [];
        List<Metric> metrics = [];
        await foreach (WatchJobResponse response in client.FineTuning.WatchAsync(new WatchJobRequest { Id = job.Id }, cancellationToken: limit.Token))
        {
            metrics.AddRange(response.Metrics);
            if (response.Events.Any(e => e.Kind == "job.succeeded") || response.Job is { State: JobState.Succeeded })
            {
                // At the first word of it: no pause, no second try.
                GenerateRequest question = new() { Model = "demo:watched", Text = "The capital", Sampling = new SamplingParameters { MaxTokens = 4, Temperature = 0 } };
                answers.Add(await client.Generation.CompleteAsync(question, cancellationToken: limit.Token));
            }
        }

        Assert.NotEmpty(answers);

        // The estimate is what a trainer takes: the runtime's own part varies between machines.
        Assert.InRange(metrics.Where(m => m.Key == "memory_bytes").Max(m => m.Value), job.Estimate.MemoryBytes / 2.0, job.Estimate.MemoryBytes * 1.5);
    }

    private static async Task<string> AskAsync(OpenAIClient client, string model)
    {
        ChatCompletion answer = await client.GetChatClient(model).CompleteChatAsync(
            [new UserChatMessage(OneMachine.Question)], new ChatCompletionOptions { Temperature = 0, MaxOutputTokenCount = 40 });
        return answer.Content[0].Text;
    }
}
