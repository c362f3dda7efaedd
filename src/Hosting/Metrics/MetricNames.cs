using System.Text;

namespace Inference.Hosting.Metrics;

/// <summary>
/// Prometheus names of instruments. Those of this project's meters ("Inference.*") get the prefix "inference_" and
/// keep their names, which already tell the unit; others follow OpenTelemetry's rules (dots to underscores, unit as suffix).
/// </summary>
internal static class MetricNames
{
    private const string Prefix = "inference_";

    /// <summary>Name of a family without "_total", which the text format adds to counters.</summary>
    public static string Family(string meter, string instrument, string unit, bool counter)
    {
        string name = Sanitize(instrument);
        if (meter.StartsWith("Inference.", StringComparison.Ordinal))
        {
            name = name.StartsWith(Prefix, StringComparison.Ordinal) ? name : Prefix + name;
        }
        else if (Unit(unit) is { Length: > 0 } suffix && !name.EndsWith("_" + suffix, StringComparison.Ordinal))
        {
            name = $"{name}_{suffix}";
        }

        return counter && name.EndsWith("_total", StringComparison.Ordinal) ? name[..^"_total".Length] : name;
    }

    /// <summary>Unit of the UCUM code in Prometheus' words; "" for annotations such as {token} and for codes that it has no word for.</summary>
    public static string Unit(string? ucum) => ucum switch
    {
        "s" => "seconds",
        "ms" => "milliseconds",
        "By" => "bytes",
        "1" => "ratio",
        _ => "",
    };

    /// <summary>A label's or metric's name with everything outside [a-zA-Z0-9_] made an underscore.</summary>
    public static string Sanitize(string name)
    {
        StringBuilder builder = new(name.Length + 1);
        foreach (char c in name)
        {
            builder.Append(char.IsAsciiLetterOrDigit(c) || c == '_' ? c : '_');
        }

        if (builder.Length == 0 || char.IsAsciiDigit(builder[0]))
        {
            builder.Insert(0, '_');
        }

        return builder.ToString();
    }
}
