using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Inference.Jobs.Tests;

/// <summary>A connection to PostgreSQL that breaks just when the answer to a COMMIT was due: it was done, but nobody will say so.</summary>
internal sealed class CommitProxy : IAsyncDisposable
{
    // With its end: BEGIN says READ COMMITTED.
    private static readonly byte[] Commit = Encoding.ASCII.GetBytes("COMMIT\0");

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Task> _connections = [];
    private readonly int _serverPort;
    private readonly Task _accepting;
    private int _armed;
    private int _dropped;

    public CommitProxy(int serverPort)
    {
        _serverPort = serverPort;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Answers lost so far.</summary>
    public int Dropped => Volatile.Read(ref _dropped);

    /// <summary>The next COMMIT's answer gets lost.</summary>
    public void Arm() => Volatile.Write(ref _armed, 1);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting;
        await Task.WhenAll(_connections);
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
                _connections.Add(CarryAsync(await _listener.AcceptTcpClientAsync(_stop.Token)));
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            Assert.True(_stop.IsCancellationRequested, e.Message);
        }
    }

    private async Task CarryAsync(TcpClient client)
    {
        using (client)
        using (TcpClient server = new())
        {
            await server.ConnectAsync(IPAddress.Loopback, _serverPort, _stop.Token);
            using CancellationTokenSource broken = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
            bool isLost = false;
            Task there = CopyAsync(client, server, broken, sent => isLost |= sent.IndexOf(Commit) >= 0 && Interlocked.Exchange(ref _armed, 0) == 1);
            await CopyAsync(server, client, broken, _ =>
            {
                if (!isLost)
                    return;
                Interlocked.Increment(ref _dropped);
                throw new IOException("the answer gets lost");
            });
            await there;
        }
    }

    /// <summary>Copies until either side closes; then the whole connection ends.</summary>
    private static async Task CopyAsync(TcpClient from, TcpClient to, CancellationTokenSource broken, Inspect inspect)
    {
        byte[] buffer = new byte[1 << 16];
        try
        {
            while (await from.GetStream().ReadAsync(buffer, broken.Token) is > 0 and int read)
            {
                inspect(buffer.AsSpan(0, read));
                await to.GetStream().WriteAsync(buffer.AsMemory(0, read), broken.Token);
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            from.Close();
            to.Close();
        }

        await broken.CancelAsync();
    }

    private delegate void Inspect(ReadOnlySpan<byte> data);
}
