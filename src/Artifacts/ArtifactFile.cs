namespace Inference.Artifacts;

/// <summary>A file of an artifact.</summary>
/// <param name="Path">Relative to the artifact, with '/'.</param>
/// <param name="Bytes">Its size.</param>
/// <param name="Sha256">Of its content, in lower-case hexadecimal.</param>
internal sealed record ArtifactFile(string Path, long Bytes, string Sha256);
