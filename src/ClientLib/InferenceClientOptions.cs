using System.Net.Security;

namespace Inference.ClientLib;

/// <summary>Where the servers are and how to call them.</summary>
public sealed record InferenceClientOptions
{
    /// <summary>gRPC addresses, http (cleartext) or https, taken in turn. At least one.</summary>
    public required IReadOnlyList<Uri> Addresses { get; init; }

    /// <summary>Sent as "authorization: Bearer KEY". Null: none.</summary>
    public string? ApiKey { get; init; }

    /// <summary>Sent with every call.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    /// <summary>Certificates to trust and to show, for https. Null: the system's trust.</summary>
    public SslClientAuthenticationOptions? Tls { get; init; }

    /// <summary>For calls with one response, retries included. Above zero, default 30 s.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>For streams, retries included. Null, the default: no limit.</summary>
    public TimeSpan? StreamTimeout { get; init; }

    /// <summary>For one connection. Above zero, default 10 s.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Largest message that is accepted. At least 1, default 16 MiB.</summary>
    public int MaxReceiveMessageBytes { get; init; } = 16 << 20;

    public RetryOptions Retry { get; init; } = new();

    public CircuitBreakerOptions CircuitBreaker { get; init; } = new();

    /// <summary>For deadlines, delays and circuits.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    internal void Validate()
    {
        if (Addresses.Count == 0)
            throw new ArgumentException("Addresses must name at least one server", nameof(Addresses));
        if (Timeout <= TimeSpan.Zero)
            throw new ArgumentOutOfRangeException(nameof(Timeout), Timeout, "Timeout must be above zero");
        if (StreamTimeout <= TimeSpan.Zero)
            throw new ArgumentOutOfRangeException(nameof(StreamTimeout), StreamTimeout, "StreamTimeout must be above zero or null");
        if (ConnectTimeout <= TimeSpan.Zero)
            throw new ArgumentOutOfRangeException(nameof(ConnectTimeout), ConnectTimeout, "ConnectTimeout must be above zero");
        if (MaxReceiveMessageBytes < 1)
            throw new ArgumentOutOfRangeException(nameof(MaxReceiveMessageBytes), MaxReceiveMessageBytes, "MaxReceiveMessageBytes must be at least 1");
        Retry.Validate();
        CircuitBreaker.Validate();
    }
}
