namespace Inference.Artifacts;

/// <summary>The files of an artifact; written last, so that an artifact with a manifest is whole.</summary>
/// <param name="Files">In the order of their paths.</param>
internal sealed record ArtifactManifest(IReadOnlyList<ArtifactFile> Files);
