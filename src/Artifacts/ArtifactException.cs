namespace Inference.Artifacts;

/// <summary>An artifact is not there, not whole, or not what its hash says.</summary>
public sealed class ArtifactException(string message, Exception? innerException = null) : Exception(message, innerException);
