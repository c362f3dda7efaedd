using System.Text.Json.Nodes;
using Inference.Models;
using Inference.Models.Weights;
using Inference.Tensors;
using Inference.Tensors.Cpu;
using Inference.TestSupport;
using Inference.Text.ChatTemplates;
using static Inference.Generation.Tests.EngineFixture;

namespace Inference.Generation.Tests;

public sealed class LanguageModelTests : IDisposable
{
    private static readonly ModelConfig Tiny = new()
    {
        Architecture = "llama",
        VocabularySize = ToyTokenizer.VocabularySize,
        ContextLength = 128,
        HiddenSize = 32,
        IntermediateSize = 48,
        LayerCount = 2,
        HeadCount = 4,
        KvHeadCount = 2,
        HeadDimension = 8,
        EosTokenIds = [ToyTokenizer.Eos],
    };

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_directory_opens_with_vocabulary_template_and_defaults_and_reports_its_stages()
    {
        Write();
        WriteJson("generation_config.json", """{"do_sample": true, "temperature": 0.25, "top_k": 5, "top_p": null, "eos_token_id": 256}""");
        WriteJson("tokenizer_config.json", """{"chat_template": "{% for m in messages %}{{ m.role }}: {{ m.content }};{% endfor %}"}""");
        Stages stages = new();
        await using LanguageModel model = await Open(progress: stages);

        Assert.Equal(Enum.GetValues<ModelLoadStage>(), stages.Seen);
        Assert.Equal((0.25f, 5, 1f), (model.GenerationDefaults.Temperature, model.GenerationDefaults.TopK, model.GenerationDefaults.TopP));
        Assert.Equal("user: hi;", model.ChatTemplate!.Render(new ChatTemplateInput { Messages = new JsonArray(ChatTemplateInput.Message("user", "hi")) }));
        Assert.Equal(["h"u8[0], "i"u8[0]], model.Tokenizer.Encode("hi"));
        Assert.Equal((Tiny.ContextLength, 0L), (model.Engine.ContextLimit, model.Engine.Statistics.Steps));
        Assert.True(model.WeightBytes > 0);
        Assert.Equal(9, (await Collect(model.Engine, Request("hello", 9))).Tokens[0].Count);
    }

    [Theory]
    [InlineData(DType.F32)]
    [InlineData(DType.BF16)]
    public async Task Tokens_of_a_real_model_are_the_same_alone_batched_chunked_cached_and_preempted(DType type)
    {
        Write(type);
        string[] prompts = [.. Enumerable.Range(0, 32).Select(i => string.Concat(Enumerable.Repeat($"prompt {i % 3} ", 1 + (i % 5))) + i)];
        List<List<int>> expected = [];
        await using (LanguageModel alone = await Open())
        {
            foreach (string prompt in prompts)
                expected.Add((await Collect(alone.Engine, Request(prompt, 12))).Tokens[0]);
        }

        await Same(new LlmEngineOptions());
        await Same(new LlmEngineOptions { PrefillChunk = 7, MaxBatchTokens = 11, MaxRunning = 10 });
        Assert.True((await Same(new LlmEngineOptions { KvCacheBlocks = 36, BlockLength = 4, PrefillChunk = 7 })).Preemptions > 0);

        async Task<EngineStatistics> Same(LlmEngineOptions options)
        {
            await using LanguageModel model = await Open(options);
            for (int round = 0; round < 2; round++)
                Assert.Equal(expected, (await Task.WhenAll(prompts.Select(p => Collect(model.Engine, Request(p, 12))))).Select(r => r.Tokens[0]));
            Assert.True(model.Engine.Statistics.PrefixCacheHits > 0);
            return model.Engine.Statistics;
        }
    }

    [Fact]
    public async Task Echo_of_a_real_model_gives_log_probabilities_of_every_prompt_token()
    {
        Write();
        await using LanguageModel model = await Open(new LlmEngineOptions { PrefillChunk = 7 });
        SamplingParameters sampling = new() { MaxTokens = 2, Logprobs = 1, Temperature = 0 };
        Result echoed = await Collect(model.Engine, Request("the whole prompt", sampling) with { Echo = true });
        Result last = await Collect(model.Engine, Request("the whole promp", sampling with { LogitBias = new Dictionary<int, float> { ['t'] = 100 } }));

        Assert.Equal(18, echoed.Logprobs[0].Count);
        Assert.Equal('t', last.Tokens[0][0]);
        Assert.Equal(last.Logprobs[0][0].Logprob, echoed.Logprobs[0][15].Logprob);
    }

    [Fact]
    public async Task Without_sampling_the_default_is_greedy()
    {
        Write();
        WriteJson("generation_config.json", """{"do_sample": false, "max_new_tokens": 3}""");
        await using LanguageModel model = await Open();

        Assert.Equal((0f, 3), (model.GenerationDefaults.Temperature, model.GenerationDefaults.MaxTokens));
    }

    [Theory]
    [InlineData("""{"top_p": 2}""", "top_p")]
    [InlineData("""{"temperature": "hot"}""", "generation_config.json")]
    [InlineData("""[]""", "generation_config.json")]
    public async Task A_default_that_cannot_be_used_is_named(string json, string named)
    {
        Write();
        WriteJson("generation_config.json", json);

        Assert.Contains(named, (await Assert.ThrowsAsync<ModelFormatException>(() => Open())).Message);
    }

    [SharedDataFact("tokenizers/ggml-vocab-gpt-2.gguf")]
    public async Task A_random_model_with_another_file_s_vocabulary_answers()
    {
        ModelConfig shape = ModelShapes.Find("tiny") with { VocabularySize = 50_300 };
        string path = _directory.File("random.gguf");
        RandomModel.WriteGguf(path, shape, DType.Q8_0, seed: 1, GgufVocabulary.Read(SharedData.Get("tokenizers/ggml-vocab-gpt-2.gguf"), shape.VocabularySize));
        await using LanguageModel model = await LanguageModel.OpenAsync(new LanguageModelOptions { Name = "random", Path = path }, new CpuBackend(2));

        Result answer = await Collect(model.Engine, Request("The quick brown fox", 5) with { Prompt = model.Tokenizer.Encode("The quick brown fox") });

        Assert.Equal(5, answer.Tokens[0].Count);
        Assert.Equal("[PAD50299]", model.Tokenizer.Decode([50_299]));
        Assert.Equal([464, 2068, 7586, 21831], model.Tokenizer.Encode("The quick brown fox"));
    }

    [Fact]
    public async Task A_template_that_cannot_be_read_leaves_the_model_without_one()
    {
        Write();
        WriteJson("tokenizer_config.json", """{"chat_template": "{% for %}"}""");
        await using LanguageModel model = await Open();

        Assert.Null(model.ChatTemplate);
        Assert.Single((await Collect(model.Engine, Request("plain", 1))).Tokens[0]);
    }

    [Fact]
    public async Task A_path_that_is_not_there_is_named()
    {
        LanguageModelOptions options = new() { Name = "tiny", Path = _directory.File("missing") };

        Assert.Contains(options.Path, (await Assert.ThrowsAsync<ModelFormatException>(() => LanguageModel.OpenAsync(options, new CpuBackend(1)))).Message);
    }

    [Fact]
    public async Task A_cancelled_loading_stops()
    {
        Write();
        using CancellationTokenSource cancellation = new();
        Stages stages = new() { At = ModelLoadStage.Tokenizer, Act = cancellation.Cancel };

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Open(progress: stages, cancellation: cancellation.Token));
        Assert.Equal(ModelLoadStage.Tokenizer, stages.Seen[^1]);
    }

    private void Write(DType type = DType.F32)
    {
        RandomModel.WriteHuggingFace(_directory.Path, Tiny, type, seed: 5);
        WriteJson("tokenizer.json", ToyTokenizer.Json());
    }

    private void WriteJson(string name, string json) => File.WriteAllText(_directory.File(name), json);

    private Task<LanguageModel> Open(LlmEngineOptions? options = null, IProgress<ModelLoadProgress>? progress = null, CancellationToken cancellation = default) =>
        LanguageModel.OpenAsync(
            new LanguageModelOptions { Name = "tiny", Path = _directory.Path, Engine = options ?? new LlmEngineOptions() },
            new CpuBackend(2), progress: progress, cancellationToken: cancellation);

    private sealed class Stages : IProgress<ModelLoadProgress>
    {
        public List<ModelLoadStage> Seen { get; } = [];

        public ModelLoadStage? At { get; init; }

        public Action? Act { get; init; }

        public void Report(ModelLoadProgress value)
        {
            Seen.Add(value.Stage);
            if (value.Stage == At)
                Act?.Invoke();
        }
    }
}
