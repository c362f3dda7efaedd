using Inference.Generation;
using Inference.Generation.Adapters;
using Inference.Hosting.OpenAi;
using Inference.InferenceHost.Models;
using Inference.Models.Weights;
using Microsoft.AspNetCore.Http;

namespace Inference.InferenceHost.OpenAi;

/// <summary>Exceptions of the platform as OpenAI's API would answer them.</summary>
internal static class OpenAiErrors
{
    /// <summary>The answer to an exception; null for one that the host does not know.</summary>
    public static OpenAiError? From(Exception exception) => exception switch
    {
        InvalidRequestException invalid => OpenAiError.InvalidValue(
            string.Join("; ", invalid.Violations.Select(v => $"{Param(v.Field)}: {v.Description}")), Param(invalid.Violations[0].Field)),
        UnknownModelException => OpenAiError.Invalid(StatusCodes.Status404NotFound, exception.Message, "model", "model_not_found"),
        UnknownAdapterException => OpenAiError.Invalid(StatusCodes.Status404NotFound, exception.Message, "model", "adapter_not_found"),
        ModelFormatException => OpenAiError.Invalid(StatusCodes.Status400BadRequest, exception.Message, "model", "adapter_unusable"),
        AdapterBudgetException full => OpenAiError.TooMany(full.Message, "adapters_full", full.RetryAfter),
        QueueFullException full => OpenAiError.TooMany(full.Message, "queue_full", full.RetryAfter),
        ObjectDisposedException => OpenAiError.Unavailable("the model is unloaded"),
        ModelNotReadyException or EngineDrainingException => OpenAiError.Unavailable(exception.Message),
        _ => null,
    };

    // The engine names fields as in the gRPC contract.
    private static string? Param(string field)
    {
        string name = field.StartsWith("sampling.", StringComparison.Ordinal) ? field["sampling.".Length..] : field;
        return name switch
        {
            "" => null,
            "tenant_id" => "user",
            _ => name,
        };
    }
}
