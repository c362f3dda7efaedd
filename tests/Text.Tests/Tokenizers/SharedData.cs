namespace Inference.Text.Tests.Tokenizers;

/// <summary>The data directory beside the repository, which is not part of it.</summary>
internal static class SharedData
{
    public static string? Root { get; } = Find();

    public static string PathOf(string relative) =>
        Path.Combine(Root ?? throw new InvalidOperationException("There is no ../shared/data"), relative);

    private static string? Find()
    {
        for (DirectoryInfo? directory = new(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            if (!File.Exists(Path.Combine(directory.FullName, "Inference.sln"))) continue;
            for (DirectoryInfo? parent = directory.Parent; parent is not null; parent = parent.Parent)
            {
                string data = Path.Combine(parent.FullName, "shared", "data");
                if (Directory.Exists(data)) return data;
            }
        }

        return null;
    }
}
