using System.Net.Security;

namespace Inference.Rpc.Client;

/// <summary>How a channel connects, and what its calls do unless their options say otherwise.</summary>
public sealed record RpcChannelOptions
{
    /// <summary>Largest message that is accepted, before and after inflating. At least 1, default 4 MiB.</summary>
    public int MaxReceiveMessageBytes { get; init; } = 4 << 20;

    /// <summary>Largest message that is sent. At least 1, default unlimited.</summary>
    public int MaxSendMessageBytes { get; init; } = int.MaxValue;

    /// <summary>Send large messages compressed with gzip. Default false.</summary>
    public bool Compress { get; init; }

    /// <summary>With compression, smaller messages still go as they are. At least 0, default 1,024.</summary>
    public int CompressFromBytes { get; init; } = 1024;

    /// <summary>Default 10 s.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>With calls open and nothing heard for this long, ask whether the server is there. Default 30 s.</summary>
    public TimeSpan KeepAlivePingDelay { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Without an answer for this long, the connection is lost. Default 20 s.</summary>
    public TimeSpan KeepAlivePingTimeout { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>A connection without calls is closed after this long. Default 5 min.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Certificates to trust and to show, for https. Null: the system's trust.</summary>
    public SslClientAuthenticationOptions? Tls { get; init; }

    /// <summary>In place of the channel's own connections, for instance of a test server; not disposed by the channel.</summary>
    public HttpMessageHandler? Handler { get; init; }

    /// <summary>For deadlines.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;
}
