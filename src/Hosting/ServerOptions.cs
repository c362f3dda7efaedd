using System.ComponentModel.DataAnnotations;

namespace Inference.Hosting;

/// <summary>Where and how a host listens. Section "Server".</summary>
public sealed class ServerOptions
{
    /// <summary>Name of the configuration section.</summary>
    public const string Section = "Server";

    /// <summary>
    /// Address to listen on: an IP address, "localhost" or "*" for all. Anything but loopback needs TLS or API keys. Default 127.0.0.1.
    /// </summary>
    [Required]
    public string Address { get; set; } = "127.0.0.1";

    /// <summary>Port of gRPC (HTTP/2 only). 0 takes a free one. Default 8081.</summary>
    [Range(0, 65535)]
    public int GrpcPort { get; set; } = 8081;

    /// <summary>Port of the OpenAI-compatible API, health and metrics (HTTP/1.1, and HTTP/2 with TLS). 0 takes a free one. Default 8080.</summary>
    [Range(0, 65535)]
    public int HttpPort { get; set; } = 8080;

    /// <summary>PEM file with the certificate and its chain; with it both ports speak TLS only.</summary>
    public string? CertificateFile { get; set; }

    /// <summary>PEM file with the certificate's private key.</summary>
    public string? KeyFile { get; set; }

    /// <summary>Largest HTTP request body in bytes, 1 KiB to 1 GiB; past it 413. gRPC messages have the same limit. Default 32 MiB.</summary>
    [Range(1L << 10, 1L << 30)]
    public long MaxRequestBytes { get; set; } = 32L << 20;

    /// <summary>Streams that one HTTP/2 connection may have open, 1 to 100,000. Default 1,000.</summary>
    [Range(1, 100_000)]
    public int MaxStreamsPerConnection { get; set; } = 1000;

    /// <summary>How long running requests may take to finish after SIGTERM, up to a day. Default 90 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00")]
    public TimeSpan DrainTimeout { get; set; } = TimeSpan.FromSeconds(90);

    /// <summary>Both ports speak TLS.</summary>
    public bool UsesTls => CertificateFile is { Length: > 0 };
}
