namespace Inference.Tensors.Cuda;

/// <summary>A GPU that was asked for cannot be used here. The message says why, and what would help, in words for operators.</summary>
public sealed class DeviceUnavailableException(string message, Exception? inner = null) : Exception(message, inner);
