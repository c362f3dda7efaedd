using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;

namespace Inference.Hosting.Authentication;

/// <summary>The accepted keys, kept as SHA-256 digests; comparison takes the same time whatever the key.</summary>
public sealed class ApiKeys
{
    private const int OwnKeyBytes = 32;

    private readonly byte[][] _digests;
    private readonly Lazy<(string Key, byte[] Digest)> _own = new(() =>
    {
        string key = RandomNumberGenerator.GetHexString(2 * OwnKeyBytes);
        return (key, Digest(key));
    });

    /// <summary>Takes the keys of the list and of the file.</summary>
    public ApiKeys(IOptions<AuthenticationOptions> options)
    {
        IEnumerable<string> file = options.Value.ApiKeyFile is { Length: > 0 } path ? ReadFile(path) : [];
        _digests = [.. options.Value.ApiKeys.Concat(file).Select(Digest)];
    }

    /// <summary>
    /// By which the process calls itself: new at each start, and never told to anybody. Made when it is first needed, because
    /// cryptography loads libraries of some megabytes.
    /// </summary>
    internal string OwnKey => _own.Value.Key;

    /// <summary>Keys are asked for.</summary>
    public bool IsRequired => _digests.Length > 0;

    /// <summary>Whether the value of an Authorization header is "Bearer " and an accepted key.</summary>
    public bool Accepts(string? authorization)
    {
        const string Scheme = "Bearer ";
        if (authorization is null || !authorization.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        byte[] digest = Digest(authorization[Scheme.Length..].Trim());
        bool accepted = CryptographicOperations.FixedTimeEquals(_own.Value.Digest, digest);
        foreach (byte[] key in _digests)
        {
            accepted |= CryptographicOperations.FixedTimeEquals(key, digest);
        }

        return accepted;
    }

    internal static IEnumerable<string> ReadFile(string path) =>
        File.ReadLines(path).Select(l => l.Trim()).Where(l => l.Length > 0 && !l.StartsWith('#'));

    private static byte[] Digest(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key));
}
