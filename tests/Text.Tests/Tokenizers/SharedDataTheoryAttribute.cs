namespace Inference.Text.Tests.Tokenizers;

/// <summary>A theory that needs a file or directory of the shared data, and is skipped, saying so, where it is absent.</summary>
public sealed class SharedDataTheoryAttribute : TheoryAttribute
{
    public SharedDataTheoryAttribute(string path) => Skip = ReasonToSkip(path);

    internal static string? ReasonToSkip(string path) =>
        SharedData.Root is { } root && Path.Exists(Path.Combine(root, path)) ? null : $"../shared/data/{path} is absent";
}
