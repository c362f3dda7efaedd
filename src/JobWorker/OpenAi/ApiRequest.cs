using System.Globalization;
using Inference.JobWorker.FineTuning;
using Microsoft.AspNetCore.Http;

namespace Inference.JobWorker.OpenAi;

/// <summary>What all paths read from a request.</summary>
internal static class ApiRequest
{
    /// <summary>Header that names the tenant; absent: the one without a name.</summary>
    public const string TenantHeader = "X-Tenant-Id";

    /// <summary>Header by which a submission may be repeated.</summary>
    public const string IdempotencyHeader = "Idempotency-Key";

    /// <summary>Whose jobs and files.</summary>
    public static string Tenant(HttpContext context) => context.Request.Headers[TenantHeader].ToString();

    /// <summary>The id in the path.</summary>
    public static string Id(HttpContext context) => (string)context.Request.RouteValues["id"]!;

    /// <summary>A query's value; null where it is absent.</summary>
    public static string? Query(HttpContext context, string name) => context.Request.Query[name].FirstOrDefault();

    /// <summary>How many the client wants.</summary>
    /// <exception cref="InvalidFieldsException">Out of its range.</exception>
    public static int Limit(HttpContext context, int standard, int most)
    {
        string? text = Query(context, "limit");
        int limit = standard;
        return text is null || (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out limit) && limit >= 1 && limit <= most)
            ? limit : throw new InvalidFieldsException("limit", $"must be 1 to {most}, not \"{text}\"");
    }
}
