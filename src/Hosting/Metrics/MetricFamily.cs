using System.Text;

namespace Inference.Hosting.Metrics;

/// <summary>The samples of one metric name, already in text, with what stands in its TYPE and HELP lines.</summary>
internal sealed class MetricFamily(string type, string unit, string help)
{
    /// <summary>"counter", "gauge" or "histogram".</summary>
    public string Type { get; } = type;

    /// <summary>Unit in Prometheus' words ("seconds", "bytes"), or "".</summary>
    public string Unit { get; } = unit;

    /// <summary>Description, not escaped.</summary>
    public string Help { get; } = help;

    /// <summary>Sample lines, each with its line end.</summary>
    public StringBuilder Samples { get; } = new();

    /// <summary>Label sets that have samples: a second one of the same set would make the scrape invalid.</summary>
    public HashSet<string> Series { get; } = [];
}
