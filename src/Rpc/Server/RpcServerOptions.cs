namespace Inference.Rpc.Server;

/// <summary>Limits of a server's calls; take them from IOptions or pass them to MapGrpcService.</summary>
public sealed class RpcServerOptions
{
    /// <summary>Largest message that is accepted, before and after inflating. At least 1, default 4 MiB.</summary>
    public int MaxReceiveMessageBytes { get; set; } = 4 << 20;

    /// <summary>Largest message that is sent. At least 1, default unlimited.</summary>
    public int MaxSendMessageBytes { get; set; } = int.MaxValue;

    /// <summary>Compress responses for callers that accept gzip. Default false; a handler may decide for its call.</summary>
    public bool CompressResponses { get; set; }

    /// <summary>With compression, smaller messages still go as they are. At least 0, default 1,024.</summary>
    public int CompressFromBytes { get; set; } = 1024;

    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxReceiveMessageBytes, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxSendMessageBytes, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(CompressFromBytes);
    }
}
