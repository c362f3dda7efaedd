using Microsoft.Extensions.Logging;

namespace Inference.Generation;

/// <summary>What the engine logs.</summary>
internal static partial class EngineLog
{
    [LoggerMessage(1, LogLevel.Information, "Engine of {Model} started: {Blocks} KV blocks of {BlockLength} tokens, context {Context}")]
    public static partial void Started(ILogger logger, string model, int blocks, int blockLength, int context);

    [LoggerMessage(2, LogLevel.Information, "Engine of {Model} stopped")]
    public static partial void Stopped(ILogger logger, string model);

    [LoggerMessage(3, LogLevel.Information, "Engine of {Model} drains {Live} requests, for at most {Seconds} s")]
    public static partial void Draining(ILogger logger, string model, int live, double seconds);

    [LoggerMessage(4, LogLevel.Error, "A step of {Model} failed; the {Count} requests in it fail, the others go on")]
    public static partial void StepFailed(ILogger logger, Exception error, string model, int count);

    [LoggerMessage(5, LogLevel.Error, "Request {Request} failed")]
    public static partial void RequestFailed(ILogger logger, Exception error, string request);

    [LoggerMessage(6, LogLevel.Critical, "The loop of {Model} failed outside a step; all {Count} requests fail")]
    public static partial void LoopFailed(ILogger logger, Exception error, string model, int count);

    [LoggerMessage(7, LogLevel.Debug, "Request {Request} ended: {PromptTokens} prompt tokens ({CachedTokens} cached), {CompletionTokens} generated")]
    public static partial void RequestEnded(ILogger logger, string request, int promptTokens, int cachedTokens, int completionTokens);

    [LoggerMessage(8, LogLevel.Debug, "Request {Request} pauses answer {Answer}: {Unread} tokens lie unread")]
    public static partial void Paused(ILogger logger, string request, int answer, int unread);

    [LoggerMessage(9, LogLevel.Information, "Model {Model} is ready: {Bytes} bytes of weights, loaded in {Seconds} s")]
    public static partial void ModelReady(ILogger logger, string model, long bytes, double seconds);

    [LoggerMessage(10, LogLevel.Warning, "The chat template of {Model} cannot be read; chats are refused, plain prompts are not")]
    public static partial void TemplateUnreadable(ILogger logger, Exception error, string model);

    [LoggerMessage(20, LogLevel.Information, "Adapter {Adapter} is ready: read from {Path}, {Bytes} bytes, in {Seconds:0.000} s")]
    public static partial void AdapterLoaded(ILogger logger, string adapter, string path, long bytes, double seconds);

    [LoggerMessage(21, LogLevel.Warning, "Adapter {Adapter} cannot be used: {Reason}")]
    public static partial void AdapterRefused(ILogger logger, string adapter, string reason);

    [LoggerMessage(22, LogLevel.Information, "Adapter {Adapter} of {Path} is unloaded")]
    public static partial void AdapterUnloaded(ILogger logger, string adapter, string path);
}
