using Inference.Hosting.OpenAi;
using Inference.Jobs;
using Inference.JobWorker.Datasets;
using Inference.JobWorker.FineTuning;
using Inference.Models.Weights;
using Inference.Text.ChatTemplates;
using Inference.Text.Tokenizers;
using Microsoft.AspNetCore.Http;

namespace Inference.JobWorker.OpenAi;

/// <summary>Exceptions of jobs and data sets as OpenAI's API would answer them.</summary>
internal static class OpenAiErrors
{
    /// <summary>The answer to an exception; null for one that the host does not know.</summary>
    public static OpenAiError? From(Exception exception) => exception switch
    {
        // Here a pattern is a target_modules that is a text.
        InvalidFieldsException invalid => OpenAiError.InvalidValue(
            exception.Message.Replace("target_pattern", "target_modules", StringComparison.Ordinal),
            invalid.Violations[0].Field.Replace("target_pattern", "target_modules", StringComparison.Ordinal)),
        ResourceNotFoundException missing => OpenAiError.Invalid(StatusCodes.Status404NotFound, exception.Message, null, missing.Type + "_not_found"),
        JobNotFoundException => OpenAiError.Invalid(StatusCodes.Status404NotFound, exception.Message, null, "job_not_found"),
        JobStateException state => OpenAiError.Invalid(StatusCodes.Status400BadRequest, JobIds.Describe(state), null, "invalid_state"),
        SubmitKeyConflictException => OpenAiError.Invalid(StatusCodes.Status409Conflict, exception.Message, null, "idempotency_key_used"),
        DatasetTooLargeException => OpenAiError.Invalid(StatusCodes.Status413PayloadTooLarge, exception.Message, "file", "request_too_large"),
        ModelFormatException or TokenizerFormatException or ChatTemplateException =>
            OpenAiError.Invalid(StatusCodes.Status400BadRequest, exception.Message, "model", "model_unusable"),
        _ => null,
    };
}
