using Inference.Contracts.V1;
using Inference.Tensors;
using Inference.TestSupport;

namespace Inference.EndToEnd.Tests;

/// <summary>stories260K gives the known text, however it is run.</summary>
[Collection(StoriesCollection.Name)]
public class GreedyTextTests(StoriesFixture stories)
{
    private const int Steps = 200;
    private const uint Bos = 1;

    [SharedDataFact(StoriesModel.Data)]
    public async Task Alone_it_is_the_expected_text()
    {
        List<GenerateResponse> responses = await stories.Server.GenerateAsync(Generations.Greedy(Steps, Bos));

        Assert.Equal(Stories260K.ExpectedText(DType.F32), responses.Text());
        Assert.Equal(RunningServer.ModelName, responses[0].Model);
        Assert.NotEmpty(responses[0].RequestId);
        Assert.Equal((1, Steps), (responses[^1].Usage.PromptTokens, responses[^1].Usage.CompletionTokens));
        Assert.True(responses[^1].Timing.Total.ToTimeSpan() >= responses[^1].Timing.TimeToFirstToken.ToTimeSpan());
        Assert.Equal(FinishReason.Length, responses.SelectMany(r => r.Deltas).Last().FinishReason);
    }

    [SharedDataFact(StoriesModel.Data)]
    public async Task Sixteen_at_once_give_sixteen_times_the_expected_text()
    {
        List<GenerateResponse>[] all = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => stories.Server.GenerateAsync(Generations.Greedy(Steps, Bos))));

        Assert.All(all, responses => Assert.Equal(Stories260K.ExpectedText(DType.F32), responses.Text()));
    }

    [SharedDataFact(StoriesModel.Data)]
    public async Task A_prompt_from_the_prefix_cache_is_continued_alike()
    {
        uint[] tokens = (await stories.Server.GenerateAsync(Generations.Greedy(Steps, Bos))).Tokens();
        GenerateRequest request = Generations.Greedy(Steps - 100, [Bos, .. tokens[..100]]);

        List<GenerateResponse> first = await stories.Server.GenerateAsync(request);
        List<GenerateResponse> second = await stories.Server.GenerateAsync(request);

        Assert.True(second[^1].Usage.CachedTokens >= 80, $"{second[^1].Usage.CachedTokens} of 101 tokens came from the cache");
        Assert.Equal(tokens[100..], first.Tokens());
        Assert.Equal(tokens[100..], second.Tokens());
        Assert.True(await stories.Server.MetricAsync("inference_prefix_cache_hits_total") >= 80);
    }

    [SharedDataFact(StoriesModel.Data)]
    public async Task A_prompt_prefilled_by_sevens_without_a_cache_is_continued_alike()
    {
        uint[] tokens = (await stories.Server.GenerateAsync(Generations.Greedy(Steps, Bos))).Tokens();
        await using RunningServer server = await RunningServer.StartAsync(
            stories.ModelPath(DType.F32), ("Engine:PrefillChunk", "7"), ("Engine:MaxBatchTokens", "17"), ("Engine:MaxRunning", "16"), ("Engine:PrefixCache", "false"));

        List<GenerateResponse>[] all = await Task.WhenAll(Enumerable.Range(0, 16).Select(i =>
            server.GenerateAsync(Generations.Greedy(Steps - (10 * i), [Bos, .. tokens[..(10 * i)]]))));

        Assert.All(all, (responses, i) => Assert.Equal(tokens[(10 * i)..], responses.Tokens()));
    }

    [SharedDataFact(StoriesModel.Data)]
    public async Task From_a_bf16_file_it_is_the_text_that_llama_cpp_gives_for_it()
    {
        await using RunningServer server = await RunningServer.StartAsync(stories.ModelPath(DType.BF16));

        List<GenerateResponse> responses = await server.GenerateAsync(Generations.Greedy(Steps, Bos));

        Assert.StartsWith(Stories260K.ExpectedText(DType.BF16, gguf: false), responses.Text());
    }
}
