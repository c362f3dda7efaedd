using Inference.Generation.Adapters;
using Inference.Generation.Sampling;
using Inference.Models;
using Inference.Text.Tokenizers;

namespace Inference.Generation;

/// <summary>Checks requests and gives them what they need to run: answers, sequences, seeds and limits. Safe from any thread.</summary>
internal sealed class RequestFactory(string model, ModelConfig config, Tokenizer tokenizer, LlmEngineOptions options, int cacheTokens, TimeProvider time)
{
    private readonly int[] _eos = [.. config.EosTokenIds.Concat(options.EosTokenIds).Distinct()];
    private readonly long _seed = options.Seed ?? BitConverter.ToInt64(Guid.NewGuid().ToByteArray());
    private readonly RequestValidator _validator = new(
        config.VocabularySize, Math.Min(config.ContextLength, cacheTokens), cacheTokens < config.ContextLength ? "the KV cache" : "the context length");

    private long _arrivals;

    /// <summary>Tokens that a sequence may have: the model's context, or the whole KV cache where that is smaller.</summary>
    public int ContextLimit { get; } = Math.Min(config.ContextLength, cacheTokens);

    /// <exception cref="InvalidRequestException">The request cannot be carried out.</exception>
    public ActiveRequest Make(GenerationRequest request, AdapterLease? adapter = null)
    {
        _validator.Check(request);
        SamplingParameters sampling = request.Sampling;
        long arrival = Interlocked.Increment(ref _arrivals);
        long seed = sampling.Seed ?? (long)Philox.Bits(_seed, int.MaxValue, (int)arrival);
        int maxTokens = Math.Min(sampling.MaxTokens ?? options.DefaultMaxTokens ?? int.MaxValue, ContextLimit - request.Prompt.Count);
        ActiveRequest active = new(request, arrival, time.GetTimestamp()) { Adapter = adapter };
        active.Answers = [.. Enumerable.Range(0, sampling.N).Select(i =>
        {
            Sequence sequence = new(arrival, i, request.Prompt)
            {
                Priority = request.Priority,
                Tenant = request.Tenant,
                CacheKey = !options.PrefixCache ? $"{model} {arrival}" : adapter is null ? model : $"{model} adapter {adapter.Weights.ContentHash}",
                Adapter = adapter?.Weights,
                HasPlace = i > 0,
                WantsLogitsFrom = i == 0 && request.Echo && sampling.Logprobs is not null ? 0 : int.MaxValue,
            };
            return sequence.Answer = new Answer(active, sequence, tokenizer, _eos, seed, maxTokens);
        })];
        return active;
    }
}
