using Microsoft.Extensions.Logging;

namespace Inference.VoiceHost;

/// <summary>What a voice host logs.</summary>
internal static partial class VoiceLog
{
    [LoggerMessage(1, LogLevel.Information, "Speech is made by {Engines}, with {Voices} voices")]
    public static partial void Speaks(ILogger logger, string engines, int voices);
}
