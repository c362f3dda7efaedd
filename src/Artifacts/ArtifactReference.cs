namespace Inference.Artifacts;

/// <summary>Points to one content: where it lies, and the hash of its manifest, which holds the hashes of its files.</summary>
/// <param name="Name">Directory in the store.</param>
/// <param name="ManifestHash">SHA-256 of the manifest, in lower-case hexadecimal.</param>
public readonly record struct ArtifactReference(string Name, string ManifestHash)
{
    /// <summary>Reads "name@hash".</summary>
    /// <exception cref="FormatException">It is something else.</exception>
    public static ArtifactReference Parse(string text) => text.Split('@') is [{ Length: > 0 } name, { Length: 64 } hash]
        ? new ArtifactReference(name, hash)
        : throw new FormatException($"\"{text}\" is no artifact: name@sha256 is wanted");

    /// <summary>"name@hash".</summary>
    public override string ToString() => $"{Name}@{ManifestHash}";
}
