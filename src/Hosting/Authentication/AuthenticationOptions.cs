namespace Inference.Hosting.Authentication;

/// <summary>Who may call. Without keys everyone may who reaches the address. Section "Authentication".</summary>
public sealed class AuthenticationOptions
{
    /// <summary>Name of the configuration section.</summary>
    public const string Section = "Authentication";

    /// <summary>Accepted keys, of at least 16 visible ASCII characters each. Better kept in a file or in the environment than in appsettings.json.</summary>
    public string[] ApiKeys { get; set; } = [];

    /// <summary>File with one accepted key a line; empty lines and lines that start with # are skipped. Read at start.</summary>
    public string? ApiKeyFile { get; set; }

    /// <summary>Serve /metrics without a key. Default false. /healthz, /readyz and grpc.health.v1 never need one.</summary>
    public bool AnonymousMetrics { get; set; }

    /// <summary>Keys are asked for.</summary>
    public bool IsConfigured => ApiKeys.Length > 0 || ApiKeyFile is { Length: > 0 };
}
