using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Inference.Hosting.OpenAi;

/// <summary>An error as OpenAI's API answers it.</summary>
/// <param name="Status">HTTP status.</param>
/// <param name="Message">For people.</param>
/// <param name="Type">invalid_request_error, rate_limit_error, authentication_error or server_error.</param>
/// <param name="Param">The field at fault, or null.</param>
/// <param name="Code">For programs.</param>
public sealed record OpenAiError(int Status, string Message, string Type, string? Param, string Code)
{
    private const string ServerError = "server_error";

    // Bodies are application/json and never part of a page: text stays as it is.
    private static readonly JsonWriterOptions Wire = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>An exception that was not foreseen: tells nothing of its cause.</summary>
    public static readonly OpenAiError Internal = new(StatusCodes.Status500InternalServerError, "the server failed; its log has the cause", ServerError, null, "internal_error");

    /// <summary>When it is worth trying again, or null.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>A fault of the request.</summary>
    public static OpenAiError Invalid(int status, string message, string? param, string code) => new(status, message, "invalid_request_error", param, code);

    /// <summary>400: a field has a value that is not allowed.</summary>
    public static OpenAiError InvalidValue(string message, string? param) => Invalid(StatusCodes.Status400BadRequest, message, param, "invalid_value");

    /// <summary>429: too much at once.</summary>
    public static OpenAiError TooMany(string message, string code, TimeSpan retryAfter) =>
        new(StatusCodes.Status429TooManyRequests, message, "rate_limit_error", null, code) { RetryAfter = retryAfter };

    /// <summary>503: not now; again in a second.</summary>
    public static OpenAiError Unavailable(string message) =>
        new(StatusCodes.Status503ServiceUnavailable, message, ServerError, null, "unavailable") { RetryAfter = TimeSpan.FromSeconds(1) };

    /// <summary>The answer to a body that is no JSON or has a field of the wrong kind.</summary>
    public static OpenAiError From(JsonException exception)
    {
        int details = exception.Message.IndexOf(" Path: ", StringComparison.Ordinal);
        string reason = details < 0 ? exception.Message : exception.Message[..details];
        string? field = exception.Path is { Length: > 2 } path && path.StartsWith("$.", StringComparison.Ordinal) ? path[2..] : null;
        return Invalid(
            StatusCodes.Status400BadRequest, field == null ? $"the body is not valid JSON: {reason}" : $"{field}: {reason}", field, "invalid_json");
    }

    /// <summary>The answer to what the web server refuses.</summary>
    public static OpenAiError From(BadHttpRequestException exception) => Invalid(
        exception.StatusCode, exception.Message, null, exception.StatusCode == StatusCodes.Status413PayloadTooLarge ? "request_too_large" : "bad_request");

    /// <summary>Writes the error as the whole response, which must not have started.</summary>
    public async Task WriteAsync(HttpResponse response)
    {
        response.StatusCode = Status;
        response.ContentType = "application/json; charset=utf-8";
        if (RetryAfter is { } delay)
        {
            response.Headers.RetryAfter = Math.Max(1, Math.Ceiling(delay.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        }

        await response.BodyWriter.WriteAsync(ToJson(), response.HttpContext.RequestAborted);
    }

    /// <summary>The body, UTF-8.</summary>
    public ReadOnlyMemory<byte> ToJson()
    {
        ArrayBufferWriter<byte> buffer = new();
        using Utf8JsonWriter writer = new(buffer, Wire);
        writer.WriteStartObject();
        writer.WriteStartObject("error");
        writer.WriteString("message", Message);
        writer.WriteString("type", Type);
        writer.WriteString("param", Param);
        writer.WriteString("code", Code);
        writer.WriteEndObject();
        writer.WriteEndObject();
        writer.Flush();
        return buffer.WrittenMemory;
    }
}
