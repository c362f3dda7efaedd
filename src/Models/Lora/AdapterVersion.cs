namespace Inference.Models.Lora;

/// <summary>An adapter on disk.</summary>
/// <param name="Name">Its name, or the alias by which it was asked for.</param>
/// <param name="Version">Its version as "version", or "name@version" where the name is an alias; "" for an adapter without versions.</param>
/// <param name="Path">The directory with its files.</param>
public sealed record AdapterVersion(string Name, string Version, string Path);
