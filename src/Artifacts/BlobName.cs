using System.Buffers;

namespace Inference.Artifacts;

/// <summary>Names of files in an <see cref="IBlobStore"/>.</summary>
public static class BlobName
{
    /// <summary>Directory of the adapters, laid out as hosts serve them.</summary>
    public const string Adapters = "adapters";

    /// <summary>Longest name, in characters.</summary>
    public const int MaxLength = 500;

    private static readonly SearchValues<char> Allowed =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.");

    /// <summary>A data set by the SHA-256 of its content, in lower-case hexadecimal.</summary>
    public static string Dataset(string sha256) => Check($"datasets/{sha256}.jsonl");

    /// <summary>The name, if it is one that leads neither out of the store nor to hidden files.</summary>
    /// <exception cref="ArgumentException">It is not.</exception>
    public static string Check(string name)
    {
        if (name.Length is 0 or > MaxLength || name.Split('/').Any(p => p.Length == 0 || p[0] == '.' || p.AsSpan().ContainsAnyExcept(Allowed)))
        {
            throw new ArgumentException(
                $"\"{name}\" is no file name: 1 to {MaxLength} characters, parts of a-z, A-Z, 0-9, '-', '_' and '.', none begins with '.'");
        }

        return name;
    }
}
