using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Inference.Generation.Adapters;

namespace Inference.Generation;

/// <summary>
/// The instruments of all engines of a process, each measurement tagged with model_name. They mean what vLLM's
/// metrics of the same names mean; an exporter adds the prefix. Times are in seconds.
/// </summary>
public sealed class GenerationMetrics
{
    /// <summary>Name of the meter.</summary>
    public const string MeterName = "Inference.Generation";

    private static readonly double[] LatencyBounds = [0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 20, 40, 80];
    private static readonly double[] TokenLatencyBounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 2.5, 5];
    private static readonly double[] RequestBounds = [0.01, 0.05, 0.1, 0.3, 0.5, 0.8, 1, 1.5, 2, 2.5, 5, 10, 15, 20, 30, 40, 50, 60, 120, 240, 480];
    private static readonly double[] TokenCountBounds = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000];
    private static readonly double[] IterationBounds = [1, 8, 16, 32, 64, 128, 256, 512, 1_024, 2_048, 4_096, 8_192, 16_384];

    private readonly ConcurrentDictionary<LlmEngine, byte> _engines = new();

    /// <summary>Makes the instruments on a meter of the factory.</summary>
    public GenerationMetrics(IMeterFactory factory)
        : this(factory.Create(MeterName))
    {
    }

    /// <summary>Makes the instruments on a meter that the caller disposes of.</summary>
    public GenerationMetrics(Meter meter)
    {
        Observe("num_requests_running", "Answers that run.", s => s.Running);
        Observe("num_requests_waiting", "Answers that wait.", s => s.Waiting);
        Observe("kv_cache_usage_perc", "Share of the KV cache in use; 1 is all of it.", s => s.KvCacheUsage);
        Observe("kv_cache_blocks_used", "Blocks of the KV cache held by running answers.", s => s.UsedBlocks);
        Observe("kv_cache_blocks_free", "Blocks of the KV cache that can be had.", s => s.FreeBlocks);
        ObserveTotal("prefix_cache_queries", "Prompt tokens looked up in the prefix cache.", s => s.PrefixCacheQueries);
        ObserveTotal("prefix_cache_hits", "Prompt tokens found in the prefix cache.", s => s.PrefixCacheHits);
        ObserveTotal("num_preemptions", "Answers that lost their blocks to others.", s => s.Preemptions);
        ObserveTotal("prompt_tokens", "Prompt tokens of requests that began to run.", s => s.PromptTokens);
        ObserveTotal("generation_tokens", "Tokens generated.", s => s.GenerationTokens);
        ObserveTotal("spec_decode_num_draft_tokens", "Tokens that were guessed and checked.", s => s.DraftTokens);
        ObserveTotal("spec_decode_num_accepted_tokens", "Guessed tokens that were right.", s => s.AcceptedTokens);
        ObserveAdapters("adapters_loaded", "Adapters in memory.", pool => pool.List().Count);
        ObserveAdapters("adapter_memory_bytes", "Bytes of the adapters in memory.", pool => pool.List().Sum(a => a.ByteLength));
        ObserveAdapterTotal("adapter_loads", "Adapters that were read.", pool => pool.Loads);
        ObserveAdapterTotal("adapter_evictions", "Adapters that left for others.", pool => pool.Evictions);
        ObserveAdapterTotal("adapter_load_seconds", "Time that reading adapters took.", pool => pool.LoadSeconds);
        ObserveUsage("adapter_requests", "Requests that ended, by adapter.", usage => usage.Requests);
        ObserveUsage("adapter_prompt_tokens", "Prompt tokens of requests that ended, by adapter.", usage => usage.PromptTokens);
        ObserveUsage("adapter_generation_tokens", "Tokens generated for requests that ended, by adapter.", usage => usage.GenerationTokens);
        meter.CreateObservableGauge("lora_requests_info", () => Pools().Select(p => new Measurement<int>(1, RequestTags(p))), null, "Adapters that requests wait for or run with.");
        meter.CreateObservableGauge("cache_config_info", () => _engines.Keys.Select(e => new Measurement<int>(1, e.CacheTags())), null, "Constants of the KV cache.");

        RequestSuccess = meter.CreateCounter<long>("request_success", null, "Requests that ended, by finished_reason.");
        RequestFailure = meter.CreateCounter<long>("request_failure", null, "Requests that failed, or were refused, by reason.");
        TimeToFirstToken = Seconds("time_to_first_token_seconds", "From arrival to the first token.", LatencyBounds);
        InterTokenLatency = Seconds("inter_token_latency_seconds", "Between two tokens of an answer.", TokenLatencyBounds);
        TimePerOutputToken = Seconds("request_time_per_output_token_seconds", "Decode time of a request by its tokens after the first.", TokenLatencyBounds);
        EndToEndLatency = Seconds("e2e_request_latency_seconds", "From arrival to the end.", RequestBounds);
        QueueTime = Seconds("request_queue_time_seconds", "From arrival to the first step.", RequestBounds);
        PrefillTime = Seconds("request_prefill_time_seconds", "From the first step to the first token.", RequestBounds);
        DecodeTime = Seconds("request_decode_time_seconds", "From the first token to the last.", RequestBounds);
        InferenceTime = Seconds("request_inference_time_seconds", "From the first step to the last token.", RequestBounds);
        RequestPromptTokens = Tokens("request_prompt_tokens", "Prompt tokens of a request.", TokenCountBounds);
        RequestGenerationTokens = Tokens("request_generation_tokens", "Generated tokens of a request.", TokenCountBounds);
        IterationTokens = Tokens("iteration_tokens_total", "Tokens in a step.", IterationBounds);

        void Observe(string name, string description, Func<EngineStatistics, double> value) =>
            meter.CreateObservableGauge(name, () => _engines.Keys.Select(e => new Measurement<double>(value(e.Statistics), e.ModelTag)), null, description);

        void ObserveTotal(string name, string description, Func<EngineStatistics, long> value) =>
            meter.CreateObservableCounter(name, () => _engines.Keys.Select(e => new Measurement<long>(value(e.Statistics), e.ModelTag)), null, description);

        void ObserveAdapters(string name, string description, Func<AdapterPool, double> value) =>
            meter.CreateObservableGauge(name, () => Pools().Select(p => new Measurement<double>(value(p.Pool), p.Tag)), null, description);

        void ObserveAdapterTotal(string name, string description, Func<AdapterPool, double> value) =>
            meter.CreateObservableCounter(name, () => Pools().Select(p => new Measurement<double>(value(p.Pool), p.Tag)), null, description);

        void ObserveUsage(string name, string description, Func<AdapterUsage, long> value) =>
            meter.CreateObservableCounter(
                name, () => Pools().SelectMany(p => p.Pool.Usage().Select(u => new Measurement<long>(value(u), p.Tag, new("adapter_name", u.Name)))), null, description);

        Histogram<double> Seconds(string name, string description, double[] bounds) =>
            meter.CreateHistogram(name, "s", description, null, new InstrumentAdvice<double> { HistogramBucketBoundaries = bounds });

        Histogram<long> Tokens(string name, string description, double[] bounds) =>
            meter.CreateHistogram(name, null, description, null, new InstrumentAdvice<long> { HistogramBucketBoundaries = [.. bounds.Select(b => (long)b)] });
    }

    internal Counter<long> RequestSuccess { get; }

    internal Counter<long> RequestFailure { get; }

    internal Histogram<double> TimeToFirstToken { get; }

    internal Histogram<double> InterTokenLatency { get; }

    internal Histogram<double> TimePerOutputToken { get; }

    internal Histogram<double> EndToEndLatency { get; }

    internal Histogram<double> QueueTime { get; }

    internal Histogram<double> PrefillTime { get; }

    internal Histogram<double> DecodeTime { get; }

    internal Histogram<double> InferenceTime { get; }

    internal Histogram<long> RequestPromptTokens { get; }

    internal Histogram<long> RequestGenerationTokens { get; }

    internal Histogram<long> IterationTokens { get; }

    private IEnumerable<(AdapterPool Pool, KeyValuePair<string, object?> Tag)> Pools() =>
        _engines.Keys.Where(e => e.Adapters is not null).Select(e => (e.Adapters!, e.ModelTag));

    private static KeyValuePair<string, object?>[] RequestTags((AdapterPool Pool, KeyValuePair<string, object?> Tag) pool)
    {
        IReadOnlyList<AdapterUsage> usage = pool.Pool.Usage();
        return
        [
            pool.Tag,
            new("running_lora_adapters", string.Join(',', usage.Where(u => u.Running > 0).Select(u => u.Name))),
            new("waiting_lora_adapters", string.Join(',', usage.Where(u => u.Waiting > 0).Select(u => u.Name))),
        ];
    }

    internal void Register(LlmEngine engine) => _engines.TryAdd(engine, 0);

    internal void Unregister(LlmEngine engine) => _engines.TryRemove(engine, out _);
}
