namespace Inference.Interop;

/// <summary>How a program ended.</summary>
internal sealed record ProcessResult(int ExitCode, string Output, string Error);
