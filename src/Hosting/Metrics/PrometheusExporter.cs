using OpenTelemetry;
using OpenTelemetry.Metrics;

namespace Inference.Hosting.Metrics;

/// <summary>Hands each collection's metrics to the writer of the scrape that asked for it.</summary>
[ExportModes(ExportModes.Pull)]
internal sealed class PrometheusExporter : BaseExporter<Metric>, IPullMetricExporter
{
    /// <summary>Collects once and exports; set by the reader. The argument is a timeout in milliseconds.</summary>
    public Func<int, bool>? Collect { get; set; }

    /// <summary>Writer of the scrape that runs; set under the scrape's lock.</summary>
    public ExpositionWriter? Writer { get; set; }

    /// <inheritdoc/>
    public override ExportResult Export(in Batch<Metric> batch)
    {
        foreach (Metric metric in batch)
        {
            Writer?.Add(metric);
        }

        return ExportResult.Success;
    }
}
