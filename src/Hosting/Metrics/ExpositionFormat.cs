using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Inference.Hosting.Metrics;

/// <summary>The two text formats that Prometheus scrapes.</summary>
internal enum ExpositionFormat
{
    /// <summary>Prometheus text format 0.0.4.</summary>
    Text,

    /// <summary>OpenMetrics 1.0.0.</summary>
    OpenMetrics,
}

/// <summary>Choice and content type of the format.</summary>
internal static class ExpositionFormats
{
    /// <summary>The format that the Accept header prefers; text where it says nothing.</summary>
    public static ExpositionFormat Negotiate(HttpRequest request)
    {
        if (!MediaTypeHeaderValue.TryParseList(request.Headers.Accept, out IList<MediaTypeHeaderValue>? accepted))
        {
            return ExpositionFormat.Text;
        }

        double openMetrics = Quality(accepted, "application/openmetrics-text");
        return openMetrics > 0 && openMetrics >= Quality(accepted, "text/plain") ? ExpositionFormat.OpenMetrics : ExpositionFormat.Text;
    }

    /// <summary>Value of the Content-Type header.</summary>
    public static string ContentType(this ExpositionFormat format) => format == ExpositionFormat.OpenMetrics
        ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
        : "text/plain; version=0.0.4; charset=utf-8";

    private static double Quality(IEnumerable<MediaTypeHeaderValue> accepted, string type) =>
        accepted.Where(a => a.MediaType.Equals(type, StringComparison.OrdinalIgnoreCase)).Select(a => a.Quality ?? 1).DefaultIfEmpty(0).Max();
}
