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
    private readonly PrometheusExporter _exporter = new();
    private readonly MeterProvider _provider;
    private readonly Lock _scrape = new();

    /// <summary>Starts to listen to the meters.</summary>
    /// <param name="meterFactory">Factory of this host's meters.</param>
    public PrometheusMetrics(IMeterFactory meterFactory)
    {
        _provider = Sdk.CreateMeterProviderBuilder()
            .AddMeter("Inference.*", "System.Runtime", "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel")
            .AddView(instrument => instrument.Meter.Scope is IMeterFactory other && other != meterFactory ? MetricStreamConfiguration.Drop : null)
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
}
