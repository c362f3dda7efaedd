using Inference.Generation.Speculation;
using Inference.Tensors;
using Inference.Tensors.Cpu;
using Inference.TestSupport;
using static Inference.Generation.Tests.EngineFixture;

namespace Inference.Generation.Tests.Speculation;

/// <summary>Guesses on trained models: many rows of a step give the bits that each gives alone.</summary>
public class TrainedModelTests
{
    private static string Demo => Path.Combine(SharedData.RepositoryRoot, "models", "demo");

    [SharedDataTheory(Stories260K.Folder)]
    [InlineData(DType.F32)]
    [InlineData(DType.BF16)]
    public async Task The_known_story_comes_with_guesses_and_in_fewer_steps(DType type)
    {
        using TemporaryDirectory directory = new();
        Stories260K.Read().WriteHuggingFace(directory.Path, type);
        GenerationRequest story = new()
        {
            Id = "story",
            Prompt = [Stories260K.Bos],
            Sampling = new SamplingParameters { Temperature = 0, MaxTokens = 200, IgnoreEos = true },
        };
        List<int> expected;
        await using (LanguageModel plain = await Open(directory.Path, SpeculationMode.None))
            expected = (await Collect(plain.Engine, story)).Tokens[0];
        await using LanguageModel model = await Open(directory.Path, SpeculationMode.PromptLookup);
        Result[] results = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Collect(model.Engine, story)));

        Assert.All(results, r => Assert.Equal(expected, r.Tokens[0]));
        Assert.StartsWith(Stories260K.ExpectedText(type, gguf: false), results[0].Texts[0]);
        Assert.True(model.Engine.Statistics.AcceptedTokens > 0);
    }

    [Fact]
    public async Task The_demo_model_answers_greedy_and_drawn_as_without_guesses()
    {
        GenerationRequest[] requests;
        List<Result> expected = [];
        await using (LanguageModel plain = await Open(Demo, SpeculationMode.None))
        {
            requests = [.. Enumerable.Range(0, 6).Select(i => new GenerationRequest
            {
                Id = $"{i}",
                Prompt = plain.Tokenizer.Encode(string.Concat(Enumerable.Repeat($"What is {i} plus {i}? It is {2 * i}. ", 4))),
                Sampling = new SamplingParameters { Temperature = i % 2 * 0.7f, TopP = 0.95f, MaxTokens = 60, Seed = i, IgnoreEos = true, RepetitionPenalty = i == 4 ? 1.1f : 1 },
            })];
            foreach (GenerationRequest request in requests)
                expected.Add(await Collect(plain.Engine, request));
        }

        await using LanguageModel model = await Open(Demo, SpeculationMode.PromptLookup);
        Result[] results = await Task.WhenAll(requests.Select(r => Collect(model.Engine, r)));

        Assert.Equal(expected.Select(r => r.Tokens[0]), results.Select(r => r.Tokens[0]));
        Assert.True(model.Engine.Statistics.AcceptedTokens > 0);
    }

    private static Task<LanguageModel> Open(string path, SpeculationMode speculation) => LanguageModel.OpenAsync(
        new LanguageModelOptions { Name = "model", Path = path, Engine = new LlmEngineOptions { Speculation = speculation } }, new CpuBackend(2), time: new ManualTime());
}
