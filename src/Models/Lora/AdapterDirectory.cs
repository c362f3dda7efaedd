using System.Text;
using Inference.Models.Weights;

namespace Inference.Models.Lora;

/// <summary>
/// Adapters on disk, as trainers publish and hosts serve them: `ROOT/NAME/VERSION/adapter_config.json` and its tensors, and the pointer
/// `ROOT/NAME/current`, a text file whose first line is the version that NAME means; the lines below are the ones before, latest
/// first. A pointer is replaced whole: readers see the old version or the new one. A version, once there, never changes.
/// An alias is a name with nothing but a pointer, to "NAME@VERSION". `ROOT/NAME/adapter_config.json` is an adapter without versions.
/// </summary>
public sealed class AdapterDirectory(string root)
{
    /// <summary>Name of the pointer.</summary>
    public const string PointerName = "current";

    /// <summary>Between name and version.</summary>
    public const char VersionSeparator = '@';

    /// <summary>Pointers that are remembered, the valid one included.</summary>
    public const int MaxHistory = 32;

    private const int MaxNameLength = 128;
    private readonly Lock _writing = new();

    /// <summary>The directory of all.</summary>
    public string Root { get; } = Path.GetFullPath(root);

    /// <summary>What is wrong with a name or a version, or null. They consist of letters, digits and . _ - and do not begin with a dot.</summary>
    public static string? Fault(string name) =>
        name.Length is 0 or > MaxNameLength ? $"must have from 1 to {MaxNameLength} characters, not {name.Length}"
        : name == PointerName ? $"must not be \"{PointerName}\""
        : name[0] == '.' || !name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-') ? $"must consist of letters, digits and . _ - and not begin with a dot, not \"{name}\""
        : null;

    /// <summary>The directory where a trainer puts a version; it need not exist.</summary>
    /// <exception cref="ArgumentException">The name or the version is none.</exception>
    public string PathOf(string name, string version) => Path.Combine(Root, Checked(name), Checked(version));

    /// <summary>"name", what its pointer means; or "name@version". Null where there is none.</summary>
    public AdapterVersion? Find(string reference)
    {
        int separator = reference.IndexOf(VersionSeparator, StringComparison.Ordinal);
        string name = separator < 0 ? reference : reference[..separator];
        if (Fault(name) is not null)
        {
            return null;
        }

        if (separator >= 0)
        {
            return FindVersion(name, reference[(separator + 1)..]);
        }

        string? target = History(name).FirstOrDefault();
        return target is null ? HasAdapter(Path.Combine(Root, name)) ? new AdapterVersion(name, string.Empty, Path.Combine(Root, name)) : null
            : !target.Contains(VersionSeparator, StringComparison.Ordinal) ? FindVersion(name, target)
            : Find(target) is AdapterVersion version ? version with { Name = name, Version = target } : null;
    }

    /// <summary>Names that can be asked for without a version, in ordinal order.</summary>
    public IReadOnlyList<string> Names() => !Directory.Exists(Root) ? [] :
    [
        .. Directory.EnumerateDirectories(Root).Select(path => Path.GetFileName(path)!).Where(name => Find(name) is not null).Order(StringComparer.Ordinal),
    ];

    /// <summary>The versions of a name that are on disk, in ordinal order.</summary>
    public IReadOnlyList<string> Versions(string name) => Fault(name) is not null || !Directory.Exists(Path.Combine(Root, name)) ? [] :
    [
        .. Directory.EnumerateDirectories(Path.Combine(Root, name)).Where(HasAdapter).Select(path => Path.GetFileName(path)!)
            .Where(version => Fault(version) is null).Order(StringComparer.Ordinal),
    ];

    /// <summary>What the pointer of a name meant, the valid target first; empty where it has none.</summary>
    public IReadOnlyList<string> History(string name)
    {
        try
        {
            return Fault(name) is null ? [.. File.ReadLines(Pointer(name)).Select(line => line.Trim()).Where(line => line.Length > 0).Take(MaxHistory)] : [];
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return [];
        }
    }

    /// <summary>Makes a name mean one of its versions, or an alias "name@version", from the next request on.</summary>
    /// <exception cref="ArgumentException">The name is none, or the target is not there.</exception>
    public AdapterVersion Point(string name, string target)
    {
        bool isAlias = target.Contains(VersionSeparator, StringComparison.Ordinal);
        if ((isAlias ? Find(target) : FindVersion(Checked(name), target)) is not AdapterVersion version)
        {
            throw new ArgumentException($"there is no adapter \"{(isAlias ? target : $"{name}{VersionSeparator}{target}")}\"", nameof(target));
        }

        lock (_writing)
        {
            WritePointer(Checked(name), [target, .. History(name).SkipWhile(former => former == target)]);
        }

        return version with { Name = name, Version = target };
    }

    /// <summary>Makes a name mean again what it meant before.</summary>
    /// <exception cref="ArgumentException">It never meant anything else, or that is there no more.</exception>
    public AdapterVersion Rollback(string name)
    {
        lock (_writing)
        {
            IReadOnlyList<string> history = History(Checked(name));
            if (history.Count < 2)
            {
                throw new ArgumentException($"\"{name}\" has no version before the valid one", nameof(name));
            }

            string former = history[1];
            AdapterVersion version = (former.Contains(VersionSeparator, StringComparison.Ordinal) ? Find(former) : FindVersion(name, former))
                ?? throw new ArgumentException($"\"{former}\", which \"{name}\" meant before, is there no more", nameof(name));
            WritePointer(name, history.Skip(1));
            return version with { Name = name, Version = former };
        }
    }

    /// <summary>Makes a name mean what another directory's does, with all that it meant there; nothing where that is empty.</summary>
    /// <exception cref="ArgumentException">The name is none.</exception>
    public void SetHistory(string name, IReadOnlyList<string> history)
    {
        lock (_writing)
        {
            if (history.Count == 0)
            {
                if (Directory.Exists(Path.Combine(Root, Checked(name))))
                {
                    File.Delete(Pointer(name));
                }
            }
            else if (!history.Take(MaxHistory).SequenceEqual(History(Checked(name))))
            {
                WritePointer(name, history);
            }
        }
    }

    private static string Checked(string name) => Fault(name) is string fault ? throw new ArgumentException($"the name {fault}", nameof(name)) : name;

    private static bool HasAdapter(string directory) => File.Exists(Path.Combine(directory, PeftConfigFile.Name));

    private AdapterVersion? FindVersion(string name, string version)
    {
        string directory = Path.Combine(Root, name, version);
        return Fault(name) is null && Fault(version) is null && HasAdapter(directory) ? new AdapterVersion(name, version, directory) : null;
    }

    private string Pointer(string name) => Path.Combine(Root, name, PointerName);

    private void WritePointer(string name, IEnumerable<string> history)
    {
        Directory.CreateDirectory(Path.Combine(Root, name));
        byte[] text = Encoding.UTF8.GetBytes(string.Concat(history.Take(MaxHistory).Select(target => $"{target}\n")));
        AtomicFile.Write(Pointer(name), stream => stream.Write(text));
    }
}
