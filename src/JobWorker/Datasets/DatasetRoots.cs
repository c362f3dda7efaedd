using Inference.JobWorker.FineTuning;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Inference.JobWorker.Datasets;

/// <summary>Opens files under the configured data-set roots. No path leads out of them: neither by ".." nor by a symbolic link.</summary>
public sealed class DatasetRoots(IOptions<DatasetStorageOptions> options, IHostEnvironment environment)
{
    private const int MaxNameLength = 255;
    private readonly string[] _roots = [.. options.Value.Roots.Select(r => Path.GetFullPath(r, environment.ContentRootPath))];

    /// <summary>Opens a file for reading.</summary>
    /// <exception cref="InvalidFieldsException">The path is absolute, leads out of the roots, or to no file.</exception>
    public FileStream Open(string path)
    {
        if (path.Length == 0 || Path.IsPathRooted(path) || path.Contains('\0'))
        {
            throw new InvalidFieldsException("path", "must be a path relative to a data-set root");
        }

        foreach (string root in _roots)
        {
            string full = Path.GetFullPath(path, root);
            if (!full.StartsWith(Path.TrimEndingDirectorySeparator(root) + Path.DirectorySeparatorChar, StringComparison.Ordinal))
            {
                throw new InvalidFieldsException("path", $"\"{path}\" leads out of the data-set roots");
            }

            if (File.Exists(full))
            {
                return HasLink(root, full)
                    ? throw new InvalidFieldsException("path", $"\"{path}\" leads over a symbolic link")
                    : new FileStream(full, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 1 << 16, useAsync: true);
            }
        }

        throw new InvalidFieldsException("path", $"there is no file \"{path}\" under the {_roots.Length} data-set roots");
    }

    /// <summary>The name of a file, for people.</summary>
    /// <exception cref="InvalidFieldsException">It is empty, too long, or has control characters.</exception>
    public static string CheckedName(string field, string name) => name.Length is > 0 and <= MaxNameLength && !name.Any(char.IsControl)
        ? name : throw new InvalidFieldsException(field, $"must have 1 to {MaxNameLength} characters, no control characters, not {name.Length}");

    private static bool HasLink(string root, string full)
    {
        for (string part = full; part.Length > root.Length; part = Path.GetDirectoryName(part)!)
        {
            if (new FileInfo(part).LinkTarget is not null)
            {
                return true;
            }
        }

        return false;
    }
}
