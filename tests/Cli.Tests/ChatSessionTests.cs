using Inference.Cli.Commands;
using Inference.ClientLib;
using Inference.Contracts.V1;

namespace Inference.Cli.Tests;

/// <summary>The history of a conversation, against a real host with the bundled model.</summary>
public sealed class ChatSessionTests(DemoServer server) : IClassFixture<DemoServer>, IDisposable
{
    private readonly InferenceClient _client = server.Connect();

    [Fact]
    public async Task The_second_question_is_asked_with_the_first_and_its_answer()
    {
        ChatSession session = Session();

        GenerateResponse? first = await session.AskAsync("What is the capital of France?", TextWriter.Null, CancellationToken.None);
        using StringWriter output = new();
        GenerateResponse? second = await session.AskAsync("And of Italy?", output, CancellationToken.None);

        Assert.Equal(4, session.Length);
        Assert.Contains("Rome", output.ToString());
        Assert.True(second!.Usage.PromptTokens > first!.Usage.PromptTokens + first.Usage.CompletionTokens);
    }

    [Fact]
    public async Task A_cleared_session_keeps_the_system_prompt_and_nothing_else()
    {
        ChatSession fresh = Session("Answer only in JSON."), session = Session("Answer only in JSON.");
        GenerateResponse? expected = await fresh.AskAsync("What is 3 x 4?", TextWriter.Null, CancellationToken.None);
        await session.AskAsync("What is 7 x 8?", TextWriter.Null, CancellationToken.None);

        session.Clear();
        using StringWriter output = new();
        GenerateResponse? again = await session.AskAsync("What is 3 x 4?", output, CancellationToken.None);

        Assert.Equal(2, session.Length);
        Assert.Equal(expected!.Usage.PromptTokens, again!.Usage.PromptTokens);
        Assert.Equal("{\"answer\": 12}", output.ToString());
    }

    [Fact]
    public async Task A_question_that_is_refused_leaves_the_history_as_it_was()
    {
        ChatSession session = new(_client.Generation, "absent", new SamplingParameters(), system: null);

        await Assert.ThrowsAsync<NotFoundException>(() => session.AskAsync("hello", TextWriter.Null, CancellationToken.None));

        Assert.Equal(0, session.Length);
    }

    [Fact]
    public async Task A_stopped_answer_stays_as_far_as_it_came()
    {
        ChatSession session = new(_client.Generation, "demo", new SamplingParameters { Temperature = 0, MaxTokens = 900, IgnoreEos = true }, system: null);
        using CancellationTokenSource stop = new();
        using StoppingWriter output = new(stop);

        GenerateResponse? last = await session.AskAsync("What is the capital of France?", output, stop.Token);

        Assert.Null(last);
        Assert.NotEqual("", output.ToString());
        Assert.Equal(2, session.Length);
    }

    public void Dispose() => _client.Dispose();

    private ChatSession Session(string? system = null) => new(_client.Generation, "demo", new SamplingParameters { Temperature = 0 }, system);

    /// <summary>Cancels once something has been written.</summary>
    private sealed class StoppingWriter(CancellationTokenSource stop) : StringWriter
    {
        public override async Task WriteAsync(string? value)
        {
            await base.WriteAsync(value);
            await stop.CancelAsync();
        }
    }
}
