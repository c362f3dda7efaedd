using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;

namespace Inference.Hosting.Tests;

public class MetricsTests
{
    private const string OpenMetricsAccept = "application/openmetrics-text;version=1.0.0;q=0.6,text/plain;version=0.0.4;q=0.3";

    [Fact]
    public async Task A_counter_ends_in_total_and_escapes_its_labels()
    {
        await using RunningHost host = await RunningHost.StartAsync();
        using Meter meter = CreateMeter(host, "Inference.Generation");
        meter.CreateCounter<long>("request_success_total", description: "Requests \\ by\nreason").Add(3, Tag("finished_reason", "a\"b\\c\nd"));

        string text = await host.Http.GetStringAsync("/metrics");

        Assert.Contains("# TYPE inference_request_success_total counter\n", text);
        Assert.Contains("# HELP inference_request_success_total Requests \\\\ by\\nreason\n", text);
        Assert.Contains("inference_request_success_total{finished_reason=\"a\\\"b\\\\c\\nd\"} 3\n", text);
    }

    [Fact]
    public async Task A_histogram_has_the_advised_bounds_cumulative_counts_sum_and_count()
    {
        await using RunningHost host = await RunningHost.StartAsync();
        using Meter meter = CreateMeter(host, "Inference.Generation");
        Histogram<double> histogram = meter.CreateHistogram("time_to_first_token_seconds", "s", advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.5, 2] });
        histogram.Record(0.25);
        histogram.Record(0.5);
        histogram.Record(1);
        histogram.Record(4);

        string text = await host.Http.GetStringAsync("/metrics");

        Assert.Contains("""
            inference_time_to_first_token_seconds_bucket{le="0.5"} 2
            inference_time_to_first_token_seconds_bucket{le="2"} 3
            inference_time_to_first_token_seconds_bucket{le="+Inf"} 4
            inference_time_to_first_token_seconds_sum 5.75
            inference_time_to_first_token_seconds_count 4

            """, text);
    }

    [Fact]
    public async Task Families_of_one_name_from_two_meters_stand_together()
    {
        await using RunningHost host = await RunningHost.StartAsync();
        using Meter first = CreateMeter(host, "Inference.First");
        using Meter second = CreateMeter(host, "Inference.Second");
        first.CreateGauge<int>("num_requests_running").Record(1, Tag("model_name", "a"));
        first.CreateGauge<int>("other").Record(7);
        second.CreateGauge<int>("num_requests_running").Record(2, Tag("model_name", "b"));

        string text = await host.Http.GetStringAsync("/metrics");

        Assert.Contains("""
            # TYPE inference_num_requests_running gauge
            inference_num_requests_running{model_name="a"} 1
            inference_num_requests_running{model_name="b"} 2

            """, text);
    }

    [Fact]
    public async Task Open_metrics_is_given_where_it_is_preferred()
    {
        await using RunningHost host = await RunningHost.StartAsync();
        using Meter meter = CreateMeter(host, "Inference.Generation");
        meter.CreateCounter<long>("prompt_tokens_total").Add(5);
        meter.CreateHistogram("e2e_request_latency_seconds", "s", advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [1] }).Record(0.5);
        using HttpRequestMessage request = new(HttpMethod.Get, "/metrics");
        request.Headers.Accept.ParseAdd(OpenMetricsAccept);

        using HttpResponseMessage response = await host.Http.SendAsync(request);
        string text = await response.Content.ReadAsStringAsync();

        Assert.Equal("application/openmetrics-text", response.Content.Headers.ContentType?.MediaType);
        Assert.Contains("# TYPE inference_prompt_tokens counter\ninference_prompt_tokens_total 5\n", text);
        Assert.Contains("# UNIT inference_e2e_request_latency_seconds seconds\n", text);
        Assert.Contains("inference_e2e_request_latency_seconds_bucket{le=\"1.0\"} 1\n", text);
        Assert.EndsWith("# EOF\n", text);
    }

    [Fact]
    public async Task Meters_of_another_host_in_the_process_are_left_out()
    {
        await using RunningHost host = await RunningHost.StartAsync();
        await using RunningHost other = await RunningHost.StartAsync();
        using Meter meter = CreateMeter(other, "Inference.Generation");
        meter.CreateCounter<long>("prompt_tokens_total").Add(5);

        Assert.DoesNotContain("inference_prompt_tokens_total", await host.Http.GetStringAsync("/metrics"));
        Assert.Contains("inference_prompt_tokens_total 5\n", await other.Http.GetStringAsync("/metrics"));
    }

    [ProgramFact("promtool")]
    public async Task Promtool_accepts_the_exposition()
    {
        await using RunningHost host = await RunningHost.StartAsync();
        using Meter meter = CreateMeter(host, "Inference.Generation");
        meter.CreateCounter<long>("prompt_tokens_total", description: "Tokens of prompts.").Add(5, Tag("model_name", "a\"\\\nb"));
        meter.CreateHistogram("e2e_request_latency_seconds", "s", "From arrival to end.", advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [1e-5, 1] }).Record(0.5);
        meter.CreateGauge<double>("kv_cache_usage_perc", description: "Share of the cache in use.").Record(double.NaN);
        string text = await host.Http.GetStringAsync("/metrics");
        string ours = string.Concat(text.Split('\n').Where(l => l.Contains("inference_")).Select(l => l + "\n"));

        Assert.Equal(1, (await CheckAsync("this is no metric\n")).ExitCode);
        Assert.Equal((0, ""), await CheckAsync(ours));
        Assert.NotEqual(1, (await CheckAsync(text)).ExitCode);
    }

    private static async Task<(int ExitCode, string Output)> CheckAsync(string text)
    {
        using Process promtool = Process.Start(new ProcessStartInfo("promtool", "check metrics")
        {
            RedirectStandardInput = true,
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        })!;
        await promtool.StandardInput.WriteAsync(text);
        promtool.StandardInput.Close();
        string output = await promtool.StandardOutput.ReadToEndAsync() + await promtool.StandardError.ReadToEndAsync();
        await promtool.WaitForExitAsync();
        return (promtool.ExitCode, output);
    }

    private static Meter CreateMeter(RunningHost host, string name) => host.App.Services.GetRequiredService<IMeterFactory>().Create(name);

    private static KeyValuePair<string, object?> Tag(string key, object value) => new(key, value);
}
