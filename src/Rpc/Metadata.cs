using System.Collections;
using System.Diagnostics.CodeAnalysis;

namespace Inference.Rpc;

/// <summary>
/// Headers or trailers of a call, in order; a name may occur several times. Names are lower case; names that end
/// in "-bin" carry bytes, all others printable ASCII. Names starting with "grpc-" belong to the protocol.
/// </summary>
public sealed class Metadata : IEnumerable<KeyValuePair<string, string>>
{
    private readonly List<KeyValuePair<string, string>> _entries = [];
    private bool _sent;

    /// <summary>Number of entries.</summary>
    public int Count => _entries.Count;

    /// <summary>The last value under this name, null where there is none; of a "-bin" name its base64 text.</summary>
    public string? this[string name] => _entries.FindLast(e => Same(e.Key, name)).Value;

    /// <summary>Adds a text value.</summary>
    /// <exception cref="ArgumentException">The name or value cannot be sent.</exception>
    /// <exception cref="InvalidOperationException">These metadata were sent already.</exception>
    public void Add(string name, string value)
    {
        if (IsBinary(name))
            throw new ArgumentException($"metadata '{name}': names that end in -bin carry bytes, use AddBinary", nameof(name));
        if (value.AsSpan().ContainsAnyExceptInRange(' ', '~'))
            throw new ArgumentException($"metadata '{name}': values are printable ASCII", nameof(value));
        Append(name, value);
    }

    /// <summary>Adds bytes under a name that ends in "-bin".</summary>
    /// <exception cref="ArgumentException">The name cannot be sent.</exception>
    /// <exception cref="InvalidOperationException">These metadata were sent already.</exception>
    public void AddBinary(string name, ReadOnlySpan<byte> value)
    {
        if (!IsBinary(name))
            throw new ArgumentException($"metadata '{name}': names of binary values end in -bin", nameof(name));
        Append(name, Convert.ToBase64String(value).TrimEnd('='));
    }

    /// <summary>All values under this name, in order.</summary>
    public IEnumerable<string> GetAll(string name) => _entries.Where(e => Same(e.Key, name)).Select(e => e.Value);

    /// <summary>The bytes of the last value under a name that ends in "-bin"; false where absent or not base64.</summary>
    public bool TryGetBinary(string name, [NotNullWhen(true)] out byte[]? value)
    {
        value = null;
        string? text = this[name];
        return text != null && IsBinary(name) && TryDecode(text, out value);
    }

    /// <inheritdoc/>
    public IEnumerator<KeyValuePair<string, string>> GetEnumerator() => _entries.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    internal static bool IsBinary(string name) => name.EndsWith("-bin", StringComparison.OrdinalIgnoreCase);

    /// <summary>Base64 with or without padding.</summary>
    internal static bool TryDecode(string text, [NotNullWhen(true)] out byte[]? bytes)
    {
        string padded = text.PadRight((text.Length + 3) / 4 * 4, '=');
        byte[] buffer = new byte[padded.Length / 4 * 3];
        bool valid = Convert.TryFromBase64String(padded, buffer, out int written);
        bytes = valid ? buffer[..written] : null;
        return valid;
    }

    /// <summary>Takes over an entry as it came from the wire; a comma separates several binary values.</summary>
    internal void AddReceived(string name, string value)
    {
        foreach (string part in IsBinary(name) ? value.Split(',', StringSplitOptions.TrimEntries) : [value])
            _entries.Add(new(name.ToLowerInvariant(), part));
    }

    internal void MarkSent() => _sent = true;

    private static bool Same(string a, string b) => a.Equals(b, StringComparison.OrdinalIgnoreCase);

    private void Append(string name, string value)
    {
        if (_sent)
            throw new InvalidOperationException($"metadata '{name}' comes too late: they were sent already");
        string lower = name.ToLowerInvariant();
        if (lower.Length == 0 || lower.AsSpan().ContainsAnyExcept(NameCharacters))
            throw new ArgumentException($"metadata '{name}': names consist of letters, digits, '-', '_' and '.'", nameof(name));
        if (lower.StartsWith("grpc-", StringComparison.Ordinal) || lower is "content-type" or "te")
            throw new ArgumentException($"metadata '{name}': this name belongs to the protocol", nameof(name));
        _entries.Add(new(lower, value));
    }

    private static readonly System.Buffers.SearchValues<char> NameCharacters =
        System.Buffers.SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-_.");
}
