using static Inference.Generation.Tests.EngineFixture;

namespace Inference.Generation.Tests;

/// <summary>Updates made while the next step runs, and at the end of their own step: the same ones.</summary>
public class DeliveryTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Readers_get_the_same_whether_delivery_overlaps_or_not(bool overlap)
    {
        await using LlmEngine engine = Start(new LlmEngineOptions { OverlapDelivery = overlap });
        SamplingParameters sampling = new() { MaxTokens = 12, Seed = 5, Logprobs = 2, N = 2 };
        Result plain = await Collect(engine, Request("plain", sampling) with { Echo = true });
        Result stopped = await Collect(engine, Request("plain", sampling with { Stop = [plain.Texts[0][9..11]] }));

        Assert.Equal([12 + 5, 12 + 5], plain.Tokens.Select(t => t.Count));
        Assert.Equal(plain.Tokens.Select(t => t.Count), plain.Logprobs.Select(l => l.Count));
        Assert.StartsWith("plain", plain.Texts[0]);
        Assert.Equal(FinishReason.Stop, stopped.Finishes[0]);
        Assert.Equal(plain.Texts[0][5..9], stopped.Texts[0]);
        Assert.Equal(0, engine.Statistics.UsedBlocks);
        Assert.Equal(24 + stopped.Usage.CompletionTokens, engine.Statistics.GenerationTokens);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_answer_that_a_text_ends_takes_no_step_more(bool overlap)
    {
        int steps = 0;
        ToyModel model = new() { OnLogits = (prefix, logits) => LlmEngineTests.Favour(logits, 'a' + prefix.Length), OnForward = _ => steps++ };
        await using LlmEngine engine = Start(new LlmEngineOptions { OverlapDelivery = overlap }, model);
        Result result = await Collect(engine, Request("xy", new SamplingParameters { Stop = ["efg"] }));

        Assert.Equal("cd", result.Texts[0]);
        Assert.Equal((5, 5), (result.Usage.CompletionTokens, steps));
    }

    [Fact]
    public async Task A_step_runs_while_the_tokens_of_the_last_one_are_delivered()
    {
        using ManualResetEventSlim second = new();
        int steps = 0;
        ToyModel model = new()
        {
            OnForward = _ =>
            {
                if (++steps == 2)
                    Assert.True(second.Wait(TimeSpan.FromSeconds(60)), "the first token came while the second was computed");
            },
        };
        await using LlmEngine engine = Start(new LlmEngineOptions { OverlapDelivery = true }, model);
        int seen = 0;
        await foreach (GenerationUpdate update in engine.GenerateAsync(Request("overlap", 3)))
        {
            seen += update.Deltas.Sum(d => d.TokenIds.Count);
            second.Set();
        }

        Assert.Equal(3, seen);
    }
}
