using Inference.Generation;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Inference.InferenceHost.Models;

/// <summary>Finds models under the configured roots. No path leads out of them: neither by ".." nor by a symbolic link.</summary>
public sealed class ModelPaths
{
    private readonly string[] _roots;

    /// <summary>Takes the roots; relative ones start at the content root.</summary>
    public ModelPaths(IOptions<ModelsOptions> options, IHostEnvironment environment)
        : this(options.Value.Roots.Select(r => Path.Combine(environment.ContentRootPath, r)))
    {
    }

    internal ModelPaths(IEnumerable<string> roots) => _roots = [.. roots.Select(Path.GetFullPath)];

    /// <summary>The file or directory of a client's path.</summary>
    /// <param name="path">Relative to a root.</param>
    /// <param name="field">The request's field that it came in.</param>
    /// <exception cref="InvalidRequestException">The path is absolute, leads out of the roots, or to nothing.</exception>
    public string Resolve(string path, string field = "path")
    {
        if (path.Length == 0 || Path.IsPathRooted(path) || path.Contains('\0'))
        {
            throw new InvalidRequestException(field, "must be a path relative to a model root");
        }

        foreach (string root in _roots)
        {
            string full = Path.GetFullPath(Path.Combine(root, path));
            if (!IsWithin(root, full))
            {
                throw new InvalidRequestException(field, $"\"{path}\" leads out of the model roots");
            }

            if (Path.Exists(full))
            {
                CheckLinks(root, full, path, field);
                return full;
            }
        }

        throw new InvalidRequestException(field, $"there is no \"{path}\" under the {_roots.Length} model roots");
    }

    /// <summary>The file or directory of the operator's path, which may be absolute.</summary>
    /// <exception cref="InvalidRequestException">The path leads to nothing, or is relative and leads out of the roots.</exception>
    public string ResolveConfigured(string path)
    {
        if (!Path.IsPathRooted(path))
        {
            return Resolve(path);
        }

        return Path.Exists(path) ? path : throw new InvalidRequestException("path", $"there is no \"{path}\"");
    }

    private static void CheckLinks(string root, string full, string path, string field)
    {
        string realRoot = RealPath(root);
        string real = RealPath(full);
        IEnumerable<string> parts = Directory.Exists(real) ? Directory.EnumerateFileSystemEntries(real).Select(RealPath) : [];
        if (parts.Prepend(real).Any(p => !IsWithin(realRoot, p)))
        {
            throw new InvalidRequestException(field, $"\"{path}\" leads out of the model roots by a symbolic link");
        }
    }

    private static bool IsWithin(string root, string path) =>
        path.StartsWith(Path.TrimEndingDirectorySeparator(root) + Path.DirectorySeparatorChar, StringComparison.Ordinal);

    // ResolveLinkTarget follows the last component only, so every directory on the way is asked too.
    private static string RealPath(string path)
    {
        string real = Path.GetPathRoot(path)!;
        foreach (string component in path[real.Length..].Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries))
        {
            string next = Path.Combine(real, component);
            FileSystemInfo? target = new FileInfo(next).ResolveLinkTarget(returnFinalTarget: true);
            real = target is null ? next : RealPath(target.FullName);
        }

        return real;
    }
}
