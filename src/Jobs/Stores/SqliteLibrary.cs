using System.Reflection;
using System.Runtime.InteropServices;
using SQLitePCL;

namespace Inference.Jobs.Stores;

/// <summary>Binds the provider to the system's SQLite (Debian: libsqlite3-0) in place of one that a package would bring.</summary>
internal static class SqliteLibrary
{
    private static readonly Lazy<bool> Bound = new(Bind);

    /// <summary>Loads the library, once.</summary>
    /// <exception cref="DllNotFoundException">The system has none.</exception>
    public static void Load() => _ = Bound.Value;

    private static bool Bind()
    {
        Assembly provider = typeof(SQLite3Provider_e_sqlite3).Assembly;
        NativeLibrary.SetDllImportResolver(provider, (name, _, _) => name == "e_sqlite3" ? Find() : 0);
        raw.SetProvider(new SQLite3Provider_e_sqlite3());
        return true;
    }

    private static nint Find()
    {
        string[] names = ["libsqlite3.so.0", "libsqlite3.dylib", "winsqlite3"];
        foreach (string name in names)
        {
            if (NativeLibrary.TryLoad(name, out nint library))
                return library;
        }

        throw new DllNotFoundException($"no SQLite on this system (looked for {string.Join(", ", names)}); Debian has it in libsqlite3-0");
    }
}
