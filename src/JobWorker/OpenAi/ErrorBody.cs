using System.Text.Json;
using Inference.Jobs;
using Inference.JobWorker.Datasets;
using Inference.JobWorker.FineTuning;
using Inference.Models.Weights;
using Inference.Text.ChatTemplates;
using Inference.Text.Tokenizers;
using Microsoft.AspNetCore.Http;

namespace Inference.JobWorker.OpenAi;

/// <summary>An error in OpenAI's shape.</summary>
internal sealed record ErrorBody(ErrorBody.Content Error)
{
    /// <summary>Status and body of an exception; one that is not foreseen is 500 and tells nothing of its cause.</summary>
    public static (int Status, ErrorBody Body) From(Exception exception) => exception switch
    {
        InvalidFieldsException invalid => Invalid(400, exception.Message, invalid.Violations[0].Field, "invalid_value"),
        JsonException json => Invalid(400, $"the body is not as wanted: {json.Message}", null, "invalid_json"),
        ResourceNotFoundException missing => Invalid(404, exception.Message, null, missing.Type + "_not_found"),
        JobNotFoundException => Invalid(404, exception.Message, null, "job_not_found"),
        JobStateException => Invalid(400, exception.Message, null, "invalid_state"),
        SubmitKeyConflictException => Invalid(409, exception.Message, null, "idempotency_key_used"),
        DatasetTooLargeException => Invalid(413, exception.Message, "file", "request_too_large"),
        BadHttpRequestException bad => Invalid(bad.StatusCode, bad.Message, null, "bad_request"),
        ModelFormatException or TokenizerFormatException or ChatTemplateException => Invalid(400, exception.Message, "model", "model_unusable"),
        _ => (500, new ErrorBody(new Content("the server failed; its log has the cause", "server_error", null, "internal_error"))),
    };

    private static (int Status, ErrorBody Body) Invalid(int status, string message, string? param, string code) =>
        (status, new ErrorBody(new Content(message, "invalid_request_error", param, code)));

    /// <summary>What went wrong.</summary>
    internal sealed record Content(string Message, string Type, string? Param, string Code);
}
