using System.Diagnostics.Metrics;
using OpenTelemetry;
using OpenTelemetry.Metrics;

namespace Inference.Hosting.Metrics;

/// <summary>
/// Collects the meters "Inference.*", .NET's run time and Kestrel from its construction on, and writes them out when scraped.
/// Meters that another host of the process made through its own meter factory are left out.
/// </summary>
public sealed class PrometheusMetrics : IDisposable
{
    /// <summary>Series of an instrument of this project, by model, adapter pool, reason: its memory is taken for as many at once.</summary>
    private const int OwnSeries = 500;

    /// <summary>Series of an instrument of the run time or of Kestrel.</summary>
    private const int RuntimeSeries = 64;

    private readonly PrometheusExporter _exporter = new();
    private readonly MeterProvider _provider;
    private readonly Lock _scrape = new();

    /// <summary>Starts to listen to the meters.</summary>
    /// <param name="meterFactory">Factory of this host's meters.</param>
    public PrometheusMetrics(IMeterFactory meterFactory)
    {
        _provider = Sdk.CreateMeterProviderBuilder()
            .AddMeter("Inference.*", "System.Runtime", "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel")
            .AddView(instrument => instrument.Meter.Scope is IMeterFactory other && other != meterFactory
                ? MetricStreamConfiguration.Drop
                : new MetricStreamConfiguration { CardinalityLimit = Series(instrument.Meter.Name) })
            .AddReader(new BaseExportingMetricReader(_exporter))
            .Build();
    }

    /// <summary>The current values in the format.</summary>
    internal string Scrape(ExpositionFormat format)
    {
        lock (_scrape)
        {
            ExpositionWriter writer = new(format);
            _exporter.Writer = writer;
            _exporter.Collect!(Timeout.Infinite);
            _exporter.Writer = null;
            return writer.Finish();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _provider.Dispose();

    private static int Series(string meter) =>
        meter.StartsWith("Inference.", StringComparison.Ordinal) || meter == "Microsoft.AspNetCore.Hosting" ? OwnSeries : RuntimeSeries;
}
