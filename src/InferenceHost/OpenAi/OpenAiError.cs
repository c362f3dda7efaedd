using System.Globalization;
using System.Text.Json;
using Inference.Generation;
using Inference.Generation.Adapters;
using Inference.InferenceHost.Models;
using Inference.Models.Weights;
using Microsoft.AspNetCore.Http;

namespace Inference.InferenceHost.OpenAi;

/// <summary>An exception as OpenAI's API would answer it.</summary>
/// <param name="Status">HTTP status.</param>
/// <param name="Content">What goes into the body.</param>
/// <param name="RetryAfter">When it is worth trying again, or null.</param>
internal sealed record OpenAiError(int Status, ErrorContent Content, TimeSpan? RetryAfter = null)
{
    private const string InvalidRequest = "invalid_request_error";
    private const string ServerError = "server_error";

    /// <summary>The answer to an exception; one that is not foreseen is 500 and tells nothing of its cause.</summary>
    public static OpenAiError From(Exception exception) => exception switch
    {
        InvalidRequestException invalid => Invalid(StatusCodes.Status400BadRequest, Message(invalid), Param(invalid.Violations[0].Field), "invalid_value"),
        JsonException json => Invalid(StatusCodes.Status400BadRequest, Message(json), Param(json.Path ?? ""), "invalid_json"),
        UnknownModelException unknown => Invalid(StatusCodes.Status404NotFound, unknown.Message, "model", "model_not_found"),
        UnknownAdapterException unknown => Invalid(StatusCodes.Status404NotFound, unknown.Message, "model", "adapter_not_found"),
        ModelFormatException unusable => Invalid(StatusCodes.Status400BadRequest, unusable.Message, "model", "adapter_unusable"),
        AdapterBudgetException full => new(
            StatusCodes.Status429TooManyRequests, new ErrorContent(full.Message, "rate_limit_error") { Code = "adapters_full" }, full.RetryAfter),
        BadHttpRequestException bad => Invalid(bad.StatusCode, bad.Message, null, bad.StatusCode == StatusCodes.Status413PayloadTooLarge ? "request_too_large" : "bad_request"),
        QueueFullException full => new(
            StatusCodes.Status429TooManyRequests, new ErrorContent(full.Message, "rate_limit_error") { Code = "queue_full" }, full.RetryAfter),
        ModelNotReadyException or EngineDrainingException or ObjectDisposedException => new(
            StatusCodes.Status503ServiceUnavailable, new ErrorContent(exception is ObjectDisposedException ? "the model is unloaded" : exception.Message, ServerError) { Code = "unavailable" },
            TimeSpan.FromSeconds(1)),
        _ => new(StatusCodes.Status500InternalServerError, new ErrorContent("the server failed; its log has the cause", ServerError) { Code = "internal_error" }),
    };

    /// <summary>A fault of the request.</summary>
    public static OpenAiError Invalid(int status, string message, string? param, string code) =>
        new(status, new ErrorContent(message, InvalidRequest) { Param = param, Code = code });

    /// <summary>Writes the error as the whole response, which must not have started.</summary>
    public Task WriteAsync(HttpResponse response)
    {
        response.StatusCode = Status;
        if (RetryAfter is { } delay)
        {
            response.Headers.RetryAfter = Math.Max(1, Math.Ceiling(delay.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        }

        return response.WriteAsJsonAsync(new ErrorBody(Content), OpenAiJson.Wire.ErrorBody);
    }

    // The engine names fields as in the gRPC contract.
    private static string? Param(string field)
    {
        string name = field.StartsWith("$.", StringComparison.Ordinal) ? field[2..]
            : field.StartsWith("sampling.", StringComparison.Ordinal) ? field["sampling.".Length..] : field;
        return name switch
        {
            "" or "$" => null,
            "tenant_id" => "user",
            _ => name,
        };
    }

    private static string Message(InvalidRequestException exception) =>
        string.Join("; ", exception.Violations.Select(v => $"{Param(v.Field)}: {v.Description}"));

    private static string Message(JsonException exception)
    {
        int details = exception.Message.IndexOf(" Path: ", StringComparison.Ordinal);
        string reason = details < 0 ? exception.Message : exception.Message[..details];
        return Param(exception.Path ?? "") is { } field ? $"{field}: {reason}" : $"the body is not valid JSON: {reason}";
    }
}
