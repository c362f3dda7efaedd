namespace Inference.TestSupport;

/// <summary>The data that stands beside the repository, in ../shared/data, where it is there.</summary>
public static class SharedData
{
    /// <summary>The directory of the solution.</summary>
    public static string RepositoryRoot { get; } = FindRoot();

    /// <summary>Path of a file or directory of the shared data, or null when it is absent.</summary>
    public static string? Find(string relativePath)
    {
        for (DirectoryInfo? directory = new(RepositoryRoot); directory is not null; directory = directory.Parent)
        {
            string path = Path.Combine(directory.FullName, "shared", "data", relativePath);
            if (Path.Exists(path))
            {
                return path;
            }
        }

        return null;
    }

    /// <summary>Like <see cref="Find"/>, for tests that were skipped if it is absent.</summary>
    public static string Get(string relativePath) => Find(relativePath) ?? throw new FileNotFoundException("shared data", relativePath);

    private static string FindRoot()
    {
        DirectoryInfo? directory = new(AppContext.BaseDirectory);
        while (directory is not null && !File.Exists(Path.Combine(directory.FullName, "Inference.sln")))
        {
            directory = directory.Parent;
        }

        return directory?.FullName ?? throw new InvalidOperationException("Inference.sln is in no parent directory of the test");
    }
}
