using Inference.Hosting.OpenAi;
using Inference.Speech.Audio;
using Inference.Speech.Synthesis;
using Microsoft.AspNetCore.Http;

namespace Inference.VoiceHost.OpenAi;

/// <summary>Exceptions of speech as OpenAI's API would answer them.</summary>
internal static class OpenAiErrors
{
    /// <summary>The answer to an exception; null for one that the host does not know.</summary>
    public static OpenAiError? From(Exception exception) => exception switch
    {
        SpeechRequestException invalid => OpenAiError.InvalidValue(exception.Message, Param(invalid.Field)),
        AudioFormatException => OpenAiError.Invalid(StatusCodes.Status400BadRequest, exception.Message, "file", "invalid_audio"),
        ArgumentException => OpenAiError.InvalidValue(exception.Message, null),
        InvalidDataException => OpenAiError.Invalid(StatusCodes.Status400BadRequest, exception.Message, null, "bad_request"),
        _ => null,
    };

    // The synthesisers name fields as in the gRPC contract.
    private static string Param(string field) => field switch
    {
        "rate" => "speed",
        "emotion" => "instructions",
        _ => field,
    };
}
