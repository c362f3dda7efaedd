using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Inference.TestSupport;
using Npgsql;

namespace Inference.Jobs.Tests;

/// <summary>
/// A PostgreSQL server on a free port, in a temporary directory. Its parent is a shell that ends it and removes the directory when its
/// standard input closes, so that it cannot outlive the tests, however they end. It refuses to run as root: root lends it to "postgres".
/// </summary>
internal sealed class PostgresServer
{
    // Without fsync: processes die in these tests, the machine does not.
    private const string Script = """
        dir=$(mktemp -d ${3:+-p "$3"}) || exit 1
        trap 'kill -INT $server 2>/dev/null; wait; rm -rf "$dir"' EXIT
        trap 'exit 1' HUP INT TERM
        "$1/initdb" -D "$dir/data" -U postgres -A trust -N --no-instructions >"$dir/log" 2>&1 || { cat "$dir/log"; exit 1; }
        start() {
          "$1/postgres" -D "$dir/data" -p "$2" -k "$dir" -c listen_addresses=127.0.0.1 -c fsync=off -c max_connections=200 >>"$dir/log" 2>&1 &
          server=$!
          until "$1/pg_isready" -q -h 127.0.0.1 -p "$2"; do kill -0 $server || { cat "$dir/log"; exit 1; }; sleep 0.05; done
          echo ready
        }
        start "$1" "$2"
        while read -r command; do
          case $command in
            crash) kill -QUIT $server; wait $server; echo stopped ;;
            start) start "$1" "$2" ;;
          esac
        done
        """;

    private static readonly string? Binaries = FindBinaries();
    private static readonly Lazy<Task<PostgresServer>> SharedServer = new(StartAsync), FragileServer = new(StartAsync);

    private readonly Process _shell;
    private readonly int _port;
    private int _databases;

    private PostgresServer(Process shell, int port) => (_shell, _port) = (shell, port);

    /// <summary>Why there can be no server, or null.</summary>
    public static string? Missing => Binaries is null ? "PostgreSQL is not installed (tests/install does it)" : null;

    /// <summary>The server of all tests that do not stop it.</summary>
    public static Task<PostgresServer> SharedAsync() => SharedServer.Value;

    /// <summary>The server that one test at a time may stop, and has to start again.</summary>
    public static Task<PostgresServer> FragileAsync() => FragileServer.Value;

    private static async Task<PostgresServer> StartAsync()
    {
        int port = FreePort();
        string[] shell = ["/bin/sh", "-c", Script, "sh", Binaries!, $"{port}", TemporaryDirectory.MemoryRoot ?? ""];
        ProcessStartInfo start = Environment.UserName == "root"
            ? new("runuser", ["-u", "postgres", "--", .. shell])
            : new(shell[0], shell[1..]);
        start.RedirectStandardInput = start.RedirectStandardOutput = true;
        start.WorkingDirectory = "/";
        PostgresServer server = new(Process.Start(start)!, port);
        await server.ExpectAsync("ready");
        return server;
    }

    /// <summary>Makes an empty database.</summary>
    /// <returns>Its connection string.</returns>
    public async Task<string> CreateDatabaseAsync()
    {
        string name = $"test{Interlocked.Increment(ref _databases)}";
        await using NpgsqlDataSource source = NpgsqlDataSource.Create(ConnectionString("postgres", _port) + ";Pooling=false");
        await using NpgsqlCommand create = source.CreateCommand($"CREATE DATABASE {name}");
        await create.ExecuteNonQueryAsync();
        return ConnectionString(name, _port);
    }

    /// <summary>The port it listens on.</summary>
    public int Port => _port;

    public static string ConnectionString(string database, int port) =>
        $"Host=127.0.0.1;Port={port};Database={database};Username=postgres;Maximum Pool Size=20;Timeout=5";

    /// <summary>Ends it as a crash would: every connection breaks, nothing is written any more.</summary>
    public async Task CrashAsync() => await CommandAsync("crash", "stopped");

    /// <summary>Starts it again after a crash.</summary>
    public async Task StartAgainAsync() => await CommandAsync("start", "ready");

    private static string? FindBinaries()
    {
        const string Debian = "/usr/lib/postgresql";
        IEnumerable<string> versions = Directory.Exists(Debian) ? Directory.GetDirectories(Debian) : [];
        return versions.Select(v => Path.Combine(v, "bin")).Where(b => File.Exists(Path.Combine(b, "initdb"))).Order().LastOrDefault();
    }

    private static int FreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private async Task CommandAsync(string command, string answer)
    {
        await _shell.StandardInput.WriteLineAsync(command);
        await ExpectAsync(answer);
    }

    private async Task ExpectAsync(string line)
    {
        string? read = await _shell.StandardOutput.ReadLineAsync().WaitAsync(TimeSpan.FromMinutes(1));
        if (read != line)
            throw new InvalidOperationException($"PostgreSQL: {read}\n{await _shell.StandardOutput.ReadToEndAsync()}");
    }
}
