using Inference.Tensors;
using Inference.Tensors.Cpu;
using Inference.TestSupport;
using static Inference.Generation.Tests.EngineFixture;

namespace Inference.Generation.Tests;

/// <summary>A trained model through the whole engine: 200 greedy steps give the known text, byte for byte.</summary>
public class StoriesTests
{
    private static readonly GenerationRequest Story = new()
    {
        Id = "story",
        Prompt = [Stories260K.Bos],
        Sampling = new SamplingParameters { Temperature = 0, MaxTokens = 200, IgnoreEos = true },
    };

    [SharedDataTheory(Stories260K.Folder)]
    [InlineData(false, DType.F32)]
    [InlineData(false, DType.BF16)]
    [InlineData(true, DType.F32)]
    public async Task The_known_story_comes_from_every_form_of_the_file(bool gguf, DType type)
    {
        using TemporaryDirectory directory = new();
        await using LanguageModel model = await Open(directory, gguf, type, new LlmEngineOptions());
        Result result = await Collect(model.Engine, Story);

        Assert.StartsWith(Stories260K.ExpectedText(type, gguf), result.Texts[0]);
        Assert.Equal(new GenerationUsage(1, 200, 0), result.Usage);
    }

    [SharedDataTheory(Stories260K.Folder)]
    [InlineData(DType.F32, 16)]
    [InlineData(DType.BF16, 16)]
    [InlineData(DType.BF16, 3)]
    public async Task Many_at_once_tell_the_same_story(DType type, int count)
    {
        using TemporaryDirectory directory = new();
        await using LanguageModel model = await Open(directory, false, type, new LlmEngineOptions());
        Result alone = await Collect(model.Engine, Story);
        Result[] results = await Task.WhenAll(Enumerable.Range(0, count).Select(_ => Collect(model.Engine, Story)));

        Assert.StartsWith(Stories260K.ExpectedText(type, gguf: false), alone.Texts[0]);
        Assert.All(results, r => Assert.Equal(alone.Tokens[0], r.Tokens[0]));
    }

    [SharedDataTheory(Stories260K.Folder)]
    [InlineData(7, 16)]
    [InlineData(256, 4)]
    public async Task The_story_goes_on_from_any_prompt_chunked_and_cached(int chunk, int blockLength)
    {
        string expected = Stories260K.ExpectedText(DType.F32);
        using TemporaryDirectory directory = new();
        LlmEngineOptions options = new() { PrefillChunk = chunk, BlockLength = blockLength };
        await using LanguageModel model = await Open(directory, false, DType.F32, options);
        List<int> story = (await Collect(model.Engine, Story)).Tokens[0];

        for (int round = 0; round < 2; round++)
        {
            Result[] results = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Collect(model.Engine, Story with
            {
                Prompt = [Stories260K.Bos, .. story[..(i * 11)]],
                Sampling = Story.Sampling with { MaxTokens = 200 - (i * 11) },
                Echo = true,
            })));
            Assert.All(results, r => Assert.Equal(expected, r.Texts[0]));
        }

        Assert.True(model.Engine.Statistics.PrefixCacheHits > 0);
    }

    private static Task<LanguageModel> Open(TemporaryDirectory directory, bool gguf, DType type, LlmEngineOptions options)
    {
        Stories260K stories = Stories260K.Read();
        string path = gguf ? directory.File("stories.gguf") : directory.Path;
        if (gguf)
            stories.WriteGguf(path, type);
        else
            stories.WriteHuggingFace(path, type);
        return LanguageModel.OpenAsync(new LanguageModelOptions { Name = "stories", Path = path, Engine = options }, new CpuBackend(2));
    }
}
