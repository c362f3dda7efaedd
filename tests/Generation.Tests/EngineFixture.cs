using Inference.Models;
using Inference.Text.Tokenizers;

namespace Inference.Generation.Tests;

/// <summary>Engines over the toy model, and ways to collect what they say.</summary>
internal static class EngineFixture
{
    private static readonly Tokenizer Tokenizer = ToyTokenizer.Create();
    private static readonly TimeSpan Hang = TimeSpan.FromSeconds(60);

    public static LlmEngine Start(LlmEngineOptions? options = null, ICausalModel? model = null) => Make(options, model, start: true);

    /// <summary>An engine without a thread: the test calls Step.</summary>
    public static LlmEngine Make(LlmEngineOptions? options = null, ICausalModel? model = null, bool start = false, TimeProvider? time = null, GenerationMetrics? metrics = null, ICausalModel? draft = null) =>
        new("toy", model ?? new ToyModel(), Tokenizer, (options ?? new LlmEngineOptions()) with { Seed = options?.Seed ?? 1 }, metrics, time, null, draft, start);

    public static GenerationRequest Request(string prompt, SamplingParameters sampling) => new() { Id = prompt, Prompt = Tokenizer.Encode(prompt), Sampling = sampling };

    public static GenerationRequest Request(string prompt, int maxTokens = 8, float temperature = 1, long? seed = 7) =>
        Request(prompt, new SamplingParameters { MaxTokens = maxTokens, Temperature = temperature, Seed = seed });

    /// <summary>The whole stream, merged: one delta an answer, usage and timing. Fails instead of hanging.</summary>
    public static async Task<Result> Collect(LlmEngine engine, GenerationRequest request, CancellationToken cancellation = default)
    {
        Result result = new(request.Sampling.N);
        async Task Read()
        {
            await foreach (GenerationUpdate update in engine.GenerateAsync(request, cancellation))
                result.Add(update);
        }

        await Read().WaitAsync(Hang);
        return result;
    }

    internal sealed class Result(int answers)
    {
        public string[] Texts { get; } = [.. Enumerable.Repeat("", answers)];

        public List<int>[] Tokens { get; } = [.. Enumerable.Range(0, answers).Select(_ => new List<int>())];

        public List<TokenLogprob>[] Logprobs { get; } = [.. Enumerable.Range(0, answers).Select(_ => new List<TokenLogprob>())];

        public FinishReason?[] Finishes { get; } = new FinishReason?[answers];

        public string?[] Stops { get; } = new string?[answers];

        public List<GenerationUpdate> Updates { get; } = [];

        public GenerationUsage Usage => Updates[^1].Usage!;

        public GenerationTiming Timing => Updates[^1].Timing!;

        public void Add(GenerationUpdate update)
        {
            Updates.Add(update);
            foreach (GenerationDelta delta in update.Deltas)
            {
                Assert.Null(Finishes[delta.Index]);
                Texts[delta.Index] += delta.Text;
                Tokens[delta.Index].AddRange(delta.TokenIds);
                Logprobs[delta.Index].AddRange(delta.Logprobs);
                Finishes[delta.Index] = delta.FinishReason;
                Stops[delta.Index] = delta.StopText;
            }
        }
    }
}
