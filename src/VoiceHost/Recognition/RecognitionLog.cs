using Microsoft.Extensions.Logging;

namespace Inference.VoiceHost.Recognition;

/// <summary>What recognition logs.</summary>
internal static partial class RecognitionLog
{
    [LoggerMessage(10, LogLevel.Information, "Speech is recognised by {Recognizers}; its beginning and end are found by {VoiceActivity}")]
    public static partial void Listens(ILogger logger, string recognizers, string voiceActivity);
}
