using System.Diagnostics.Metrics;
using Inference.TestSupport;
using static Inference.Generation.Tests.EngineFixture;

namespace Inference.Generation.Tests;

public class GenerationMetricsTests
{
    [Fact]
    public async Task Every_meaning_is_measured_with_the_models_name()
    {
        using Meter meter = new(GenerationMetrics.MeterName);
        Dictionary<string, (double Sum, int Count, Dictionary<string, object?> Tags)> seen = [];
        using MeterListener listener = new();
        listener.InstrumentPublished = (instrument, l) =>
        {
            if (instrument.Meter == meter)
                l.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<int>((i, v, tags, _) => Add(i.Name, v, tags));
        listener.SetMeasurementEventCallback<long>((i, v, tags, _) => Add(i.Name, v, tags));
        listener.SetMeasurementEventCallback<double>((i, v, tags, _) => Add(i.Name, v, tags));
        listener.Start();

        GenerationMetrics metrics = new(meter);
        ManualTime time = new();
        ToyModel model = new() { OnForward = _ => time.Advance(TimeSpan.FromSeconds(1)) };
        await using LlmEngine engine = Make(null, model, time: time, metrics: metrics);
        foreach (string prompt in (string[])["twenty characters..?", "twenty characters..?"])
        {
            Task<Result> reading = Collect(engine, Request(prompt, 3));
            while (engine.Step())
            {
                // Until nothing is left.
            }

            await reading;
        }

        await Assert.ThrowsAsync<InvalidRequestException>(() => Collect(engine, Request("", 3)));
        listener.RecordObservableInstruments();

        Assert.All(seen.Values, s => Assert.Equal("toy", s.Tags["model_name"]));
        Assert.Equal((2, 2), (seen["request_success"].Sum, seen["request_success"].Count));
        Assert.Equal("length", seen["request_success"].Tags["finished_reason"]);
        Assert.Equal("invalid", seen["request_failure"].Tags["reason"]);
        Assert.Equal(2, seen["time_to_first_token_seconds"].Sum);
        Assert.Equal((4, 4), (seen["inter_token_latency_seconds"].Sum, seen["inter_token_latency_seconds"].Count));
        Assert.Equal((2, 2), (seen["request_time_per_output_token_seconds"].Sum, seen["request_time_per_output_token_seconds"].Count));
        Assert.Equal(6, seen["e2e_request_latency_seconds"].Sum);
        Assert.Equal(0, seen["request_queue_time_seconds"].Sum);
        Assert.Equal(2, seen["request_prefill_time_seconds"].Sum);
        Assert.Equal(4, seen["request_decode_time_seconds"].Sum);
        Assert.Equal(6, seen["request_inference_time_seconds"].Sum);
        Assert.Equal(40, seen["request_prompt_tokens"].Sum);
        Assert.Equal(6, seen["request_generation_tokens"].Sum);
        Assert.Equal(20 + 4 + 4, seen["iteration_tokens_total"].Sum);
        Assert.Equal(40, seen["prompt_tokens"].Sum);
        Assert.Equal(6, seen["generation_tokens"].Sum);
        Assert.Equal((40, 16), (seen["prefix_cache_queries"].Sum, seen["prefix_cache_hits"].Sum));
        Assert.Equal(0, seen["num_preemptions"].Sum);
        Assert.Equal((0, 0), (seen["num_requests_running"].Sum, seen["num_requests_waiting"].Sum));
        Assert.Equal((0, 0), (seen["kv_cache_usage_perc"].Sum, seen["kv_cache_blocks_used"].Sum));
        Assert.Equal(256, seen["kv_cache_blocks_free"].Sum);
        Assert.Equal((1, 16, 256), (seen["cache_config_info"].Sum, seen["cache_config_info"].Tags["block_size"], seen["cache_config_info"].Tags["num_blocks"]));

        void Add(string name, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            (double sum, int count, _) = seen.GetValueOrDefault(name);
            seen[name] = (sum + value, count + 1, new Dictionary<string, object?>(tags.ToArray()));
        }
    }

    [Fact]
    public async Task A_disposed_engine_is_measured_no_more()
    {
        using Meter meter = new(GenerationMetrics.MeterName);
        GenerationMetrics metrics = new(meter);
        int measured = 0;
        using MeterListener listener = new();
        listener.InstrumentPublished = (instrument, l) =>
        {
            if (instrument.Meter == meter)
                l.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<double>((_, _, _, _) => measured++);
        listener.Start();
        LlmEngine engine = Make(metrics: metrics);
        listener.RecordObservableInstruments();
        Assert.Equal(5, measured);

        await engine.DisposeAsync();
        listener.RecordObservableInstruments();
        Assert.Equal(5, measured);
    }
}
