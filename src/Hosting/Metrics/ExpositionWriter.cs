using System.Globalization;
using System.Text;
using OpenTelemetry;
using OpenTelemetry.Metrics;

namespace Inference.Hosting.Metrics;

/// <summary>
/// Writes metrics as Prometheus text 0.0.4 or OpenMetrics 1.0. Families are grouped by name across meters and sorted;
/// of families of one name and different types, and of equal series, the first is kept.
/// Exponential histograms and exemplars are not written.
/// Source: prometheus.io/docs/instrumenting/exposition_formats, OpenMetrics 1.0.0.
/// </summary>
internal sealed class ExpositionWriter(ExpositionFormat format)
{
    private readonly SortedDictionary<string, MetricFamily> _families = new(StringComparer.Ordinal);

    /// <summary>Takes in one metric; its points are read at once, for they are valid only during the export.</summary>
    public void Add(Metric metric)
    {
        string? type = metric.MetricType switch
        {
            MetricType.LongSum or MetricType.DoubleSum => "counter",
            MetricType.LongGauge or MetricType.DoubleGauge or MetricType.LongSumNonMonotonic or MetricType.DoubleSumNonMonotonic => "gauge",
            MetricType.Histogram => "histogram",
            _ => null,
        };
        if (type is null)
        {
            return;
        }

        string name = MetricNames.Family(metric.MeterName, metric.Name, metric.Unit, type == "counter");
        if (!_families.TryGetValue(name, out MetricFamily? family))
        {
            family = new MetricFamily(type, MetricNames.Unit(metric.Unit), metric.Description);
            _families.Add(name, family);
        }

        if (family.Type == type)
        {
            foreach (ref readonly MetricPoint point in metric.GetMetricPoints())
            {
                AddPoint(name, family, metric.MetricType, point);
            }
        }
    }

    /// <summary>The whole exposition.</summary>
    public string Finish()
    {
        StringBuilder text = new();
        foreach ((string name, MetricFamily family) in _families.Where(f => f.Value.Samples.Length > 0))
        {
            string header = format == ExpositionFormat.Text && family.Type == "counter" ? name + "_total" : name;
            text.Append("# TYPE ").Append(header).Append(' ').Append(family.Type).Append('\n');
            if (format == ExpositionFormat.OpenMetrics && family.Unit.Length > 0 && name.EndsWith("_" + family.Unit, StringComparison.Ordinal))
            {
                text.Append("# UNIT ").Append(header).Append(' ').Append(family.Unit).Append('\n');
            }

            if (family.Help.Length > 0)
            {
                text.Append("# HELP ").Append(header).Append(' ').Append(Escape(family.Help, quotes: format == ExpositionFormat.OpenMetrics)).Append('\n');
            }

            text.Append(family.Samples);
        }

        return (format == ExpositionFormat.OpenMetrics ? text.Append("# EOF\n") : text).ToString();
    }

    private void AddPoint(string name, MetricFamily family, MetricType type, in MetricPoint point)
    {
        string labels = Labels(point.Tags);
        if (!family.Series.Add(labels))
        {
            return;
        }

        switch (type)
        {
            case MetricType.LongSum:
                Sample(family, name + "_total", labels, Number(point.GetSumLong()));
                break;
            case MetricType.DoubleSum:
                Sample(family, name + "_total", labels, Number(point.GetSumDouble()));
                break;
            case MetricType.LongSumNonMonotonic:
                Sample(family, name, labels, Number(point.GetSumLong()));
                break;
            case MetricType.DoubleSumNonMonotonic:
                Sample(family, name, labels, Number(point.GetSumDouble()));
                break;
            case MetricType.LongGauge:
                Sample(family, name, labels, Number(point.GetGaugeLastValueLong()));
                break;
            case MetricType.DoubleGauge:
                Sample(family, name, labels, Number(point.GetGaugeLastValueDouble()));
                break;
            default:
                AddHistogram(family, name, labels, point);
                break;
        }
    }

    private void AddHistogram(MetricFamily family, string name, string labels, in MetricPoint point)
    {
        long count = 0;
        string before = labels.Length == 0 ? "" : labels + ",";
        foreach (HistogramBucket bucket in point.GetHistogramBuckets())
        {
            count += bucket.BucketCount;
            Sample(family, name + "_bucket", $"{before}le=\"{Bound(bucket.ExplicitBound)}\"", Number(count));
        }

        Sample(family, name + "_sum", labels, Number(point.GetHistogramSum()));
        Sample(family, name + "_count", labels, Number(point.GetHistogramCount()));
    }

    private static void Sample(MetricFamily family, string name, string labels, string value)
    {
        family.Samples.Append(name);
        if (labels.Length > 0)
        {
            family.Samples.Append('{').Append(labels).Append('}');
        }

        family.Samples.Append(' ').Append(value).Append('\n');
    }

    private static string Labels(ReadOnlyTagCollection tags)
    {
        StringBuilder labels = new();
        foreach ((string key, object? value) in tags)
        {
            labels.Append(labels.Length == 0 ? "" : ",").Append(MetricNames.Sanitize(key)).Append("=\"")
                .Append(Escape(Convert.ToString(value, CultureInfo.InvariantCulture) ?? "", quotes: true)).Append('"');
        }

        return labels.ToString();
    }

    private static string Escape(string text, bool quotes)
    {
        string escaped = text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
        return quotes ? escaped.Replace("\"", "\\\"", StringComparison.Ordinal) : escaped;
    }

    // OpenMetrics wants bounds as floats ("1.0"), so that both formats name the same series in a Prometheus server.
    private string Bound(double bound)
    {
        string text = Number(bound);
        return format == ExpositionFormat.OpenMetrics && text.All(char.IsAsciiDigit) ? text + ".0" : text;
    }

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Number(double value) => value switch
    {
        double.PositiveInfinity => "+Inf",
        double.NegativeInfinity => "-Inf",
        _ => value.ToString("R", CultureInfo.InvariantCulture),
    };
}
