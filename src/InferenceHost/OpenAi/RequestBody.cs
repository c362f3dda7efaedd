using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;

namespace Inference.InferenceHost.OpenAi;

/// <summary>Reads JSON bodies.</summary>
internal static class RequestBody
{
    /// <summary>The body.</summary>
    /// <exception cref="BadHttpRequestException">It is not declared as JSON, too large, or cut off.</exception>
    /// <exception cref="JsonException">It is not JSON, or a value has a wrong type: Path tells which.</exception>
    public static async Task<T> ReadAsync<T>(HttpContext context, JsonTypeInfo<T> type)
        where T : class
    {
        // A browser may post text/plain to any address without asking; declaring JSON it must ask for, and is refused.
        if (!context.Request.HasJsonContentType())
        {
            throw new BadHttpRequestException("the content type must be application/json", StatusCodes.Status415UnsupportedMediaType);
        }

        return await JsonSerializer.DeserializeAsync(context.Request.Body, type, context.RequestAborted)
            ?? throw new JsonException("the body is null");
    }
}
