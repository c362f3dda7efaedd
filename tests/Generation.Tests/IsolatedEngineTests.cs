using Inference.Generation.Adapters;
using Inference.Generation.Speculation;
using Inference.Generation.Tests.Adapters;
using Inference.Models;
using Inference.Tensors;
using Inference.Tensors.Cpu;
using Inference.TestSupport;
using static Inference.Generation.Tests.EngineFixture;

namespace Inference.Generation.Tests;

/// <summary>The engine on a backend whose memory the host does not reach: the same tokens, and one wait a step.</summary>
public class IsolatedEngineTests
{
    private static readonly GenerationRequest Story = new()
    {
        Id = "story",
        Prompt = [Stories260K.Bos],
        Sampling = new SamplingParameters { Temperature = 0, MaxTokens = 200, IgnoreEos = true },
    };

    [SharedDataTheory(Stories260K.Folder)]
    [InlineData(DType.F32)]
    [InlineData(DType.BF16)]
    public async Task The_known_story_comes_with_one_wait_a_step(DType type)
    {
        using TemporaryDirectory directory = new();
        Stories260K.Read().WriteHuggingFace(directory.Path, type);
        IsolatedBackend backend = new(new CpuBackend(2));
        await using (LanguageModel model = await Open(directory.Path, backend))
        {
            Result first = await Collect(model.Engine, Story);
            (int allocations, int uploads) = (backend.Allocations, backend.Uploads);
            Result second = await Collect(model.Engine, Story);

            Assert.StartsWith(Stories260K.ExpectedText(type, gguf: false), first.Texts[0]);
            Assert.Equal(first.Tokens[0], second.Tokens[0]);
            Assert.Equal((0, model.Engine.Statistics.Steps), (backend.Downloads, backend.Readbacks));
            Assert.Equal((allocations, uploads), (backend.Allocations, backend.Uploads));
            Assert.True(backend.Repetitions >= 199 + 196, $"{backend.Repetitions} steps of 400 could be repeated");
        }

        Assert.Equal(0, backend.Bytes);
    }

    [SharedDataFact(Stories260K.Folder)]
    public async Task Drawn_penalised_biased_preempted_and_looked_up_answers_are_those_of_the_cpu()
    {
        using TemporaryDirectory directory = new();
        Stories260K.Read().WriteHuggingFace(directory.Path, DType.BF16);
        LlmEngineOptions options = new() { KvCacheBlocks = 22, BlockLength = 4, PrefillChunk = 7, KvCacheType = DType.Q8_0, Speculation = SpeculationMode.PromptLookup };
        await using LanguageModel model = await Open(directory.Path, new CpuBackend(2), options);
        await using LanguageModel isolated = await Open(directory.Path, new IsolatedBackend(new CpuBackend(2)), options);
        Result[] expected = await Task.WhenAll(Requests().Select(r => Collect(model.Engine, r)));
        Result[] results = await Task.WhenAll(Requests().Select(r => Collect(isolated.Engine, r)));

        Assert.Equal(expected.Select(r => r.Tokens[0]), results.Select(r => r.Tokens[0]));
        Assert.Equal(expected.SelectMany(r => r.Logprobs[0]).Select(l => (l.TokenId, l.Logprob)), results.SelectMany(r => r.Logprobs[0]).Select(l => (l.TokenId, l.Logprob)));
        Assert.True(isolated.Engine.Statistics.Preemptions > 0);
    }

    [Fact]
    public async Task A_draft_model_waits_once_a_step_too()
    {
        List<List<int>[]> answers = [];
        foreach (IBackend backend in new IBackend[] { new CpuBackend(2), new IsolatedBackend(new CpuBackend(2)) })
        {
            using AdapterFixture fixture = new(backend);
            Draft draft = new(fixture.Model);
            await using LlmEngine engine = Make(new LlmEngineOptions { MaxDraftTokens = 3 }, fixture.Model, start: true, time: new Standstill(), draft: draft);
            Result[] results = await Task.WhenAll(Enumerable.Range(0, 4).Select(i => Collect(engine, Request($"request {i}", 20, i % 2))));
            answers.Add(Array.ConvertAll(results, r => r.Tokens[0]));

            Assert.True(engine.Statistics.AcceptedTokens > 0);
            if (backend is IsolatedBackend isolated)
            {
                Assert.Equal((0, engine.Statistics.Steps + draft.Steps), (isolated.Downloads, isolated.Readbacks));
            }
        }

        Assert.Equal(answers[0], answers[1]);
    }

    [Fact]
    public async Task A_batch_of_base_and_adapters_answers_as_on_the_cpu()
    {
        string[] names = ["", "a", "b", "c"];
        List<string[]> answers = [];
        foreach (IBackend backend in new IBackend[] { new CpuBackend(2), new IsolatedBackend(new CpuBackend(2)) })
        {
            using AdapterFixture fixture = new(backend);
            fixture.Publish("a", "b");
            fixture.Write("c", "1", 7, AdapterFixture.Everywhere with { UseDora = true, Rank = 3 });
            fixture.Directory.Point("c", "1");
            using AdapterPool pool = fixture.Pool();
            await using LlmEngine engine = fixture.Engine(pool);
            Result[] results = await Task.WhenAll(names.Select(name => Collect(engine, AdapterFixture.Ask(name, maxTokens: 24))));
            answers.Add(Array.ConvertAll(results, AdapterFixture.Text));
        }

        Assert.Equal(answers[0], answers[1]);
        Assert.Equal(names.Length, answers[0].Distinct().Count());
    }

    private static IEnumerable<GenerationRequest> Requests() => Enumerable.Range(0, 8).Select(i => Story with
    {
        Id = $"{i}",
        Prompt = [Stories260K.Bos, .. Enumerable.Range(0, 3 * i).Select(t => 300 + t)],
        Echo = i == 3,
        Sampling = new SamplingParameters
        {
            MaxTokens = 40,
            IgnoreEos = true,
            Seed = i,
            Temperature = i % 2 * 0.8f,
            TopP = 0.9f,
            TopK = i == 5 ? 20 : 0,
            Logprobs = i % 3 == 0 ? 2 : null,
            RepetitionPenalty = i == 2 ? 1.2f : 1,
            LogitBias = i == 4 ? new Dictionary<int, float> { [320] = 5 } : new Dictionary<int, float>(),
        },
    });

    private static Task<LanguageModel> Open(string path, IBackend backend, LlmEngineOptions? options = null) =>
        LanguageModel.OpenAsync(new LanguageModelOptions { Name = "model", Path = path, Engine = options ?? new LlmEngineOptions() }, backend);

    /// <summary>The model again, said to be cheap.</summary>
    private sealed class Draft(ICausalModel model) : ICausalModel
    {
        public int Steps { get; private set; }

        public ModelConfig Config => model.Config;

        public long WeightBytes => model.WeightBytes / 100;

        public KvCache CreateKvCache(int blockCount, int blockLength, DType type = DType.F32) => model.CreateKvCache(blockCount, blockLength, type);

        public Readback CreateLogits(int rows) => model.CreateLogits(rows);

        public void Forward(ForwardBatch batch, KvCache cache, Tensor logits)
        {
            Steps++;
            model.Forward(batch, cache, logits);
        }

        public void Dispose()
        {
        }
    }

    /// <summary>No time passes: guesses pay by how often they are right.</summary>
    private sealed class Standstill : TimeProvider
    {
        public override long GetTimestamp() => 0;
    }
}
