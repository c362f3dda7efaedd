using Microsoft.Extensions.Logging;

namespace Inference.InferenceHost;

/// <summary>Log messages of the inference host.</summary>
internal static partial class HostLog
{
    [LoggerMessage(1, LogLevel.Information, "Model {Model} is ready on {Device}: loaded from {Path} in {Seconds:0.00} s")]
    public static partial void ModelLoaded(ILogger logger, string model, string device, string path, double seconds);

    [LoggerMessage(2, LogLevel.Information, "Model {Model} is unloaded")]
    public static partial void ModelUnloaded(ILogger logger, string model);

    [LoggerMessage(3, LogLevel.Critical, "Model {Model} cannot be loaded: {Reason}")]
    public static partial void ModelFailed(ILogger logger, string model, string reason, Exception exception);

    [LoggerMessage(4, LogLevel.Information, "Device auto is the CPU: {Reason}")]
    public static partial void CpuInstead(ILogger logger, string reason);
}
