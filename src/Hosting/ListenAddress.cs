using System.Net;

namespace Inference.Hosting;

/// <summary>Reads <see cref="ServerOptions.Address"/>.</summary>
internal static class ListenAddress
{
    /// <summary>The IP address that the text names, or null.</summary>
    public static IPAddress? Parse(string? text) => text switch
    {
        "*" => IPAddress.IPv6Any,
        "localhost" => IPAddress.Loopback,
        _ => IPAddress.TryParse(text, out IPAddress? address) ? address : null,
    };
}
