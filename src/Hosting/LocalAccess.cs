using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Inference.Hosting.Authentication;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Options;

namespace Inference.Hosting;

/// <summary>How a role of a process calls another of the same process over gRPC, whatever its ports, keys and certificate are.</summary>
public sealed class LocalAccess(IEnumerable<HostRole> roles, IServer server, IOptions<ServerOptions> options, ApiKeys keys)
{
    /// <summary>Address of the gRPC port. Once the host listens.</summary>
    public Uri GrpcAddress
    {
        get
        {
            Uri bound = new(server.Features.Get<IServerAddressesFeature>()!.Addresses.First());
            return IPAddress.TryParse(bound.DnsSafeHost, out IPAddress? address) && (address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any))
                ? new UriBuilder(bound) { Host = $"{IPAddress.Loopback}" }.Uri
                : bound;
        }
    }

    /// <summary>A key that this process accepts; null: none is asked for.</summary>
    public string? ApiKey => keys.IsRequired ? keys.OwnKey : null;

    /// <summary>Trusts this process's own certificate, and no other; null: it speaks no TLS.</summary>
    public SslClientAuthenticationOptions? Tls
    {
        get
        {
            if (!options.Value.UsesTls)
            {
                return null;
            }

            using X509Certificate2 own = X509CertificateLoader.LoadCertificateFromFile(options.Value.CertificateFile!);
            byte[] trusted = own.RawData;
            return new SslClientAuthenticationOptions
            {
                RemoteCertificateValidationCallback = (_, shown, _, _) => shown is not null && shown.GetRawCertData().AsSpan().SequenceEqual(trusted),
            };
        }
    }

    /// <summary>Whether the process carries a role.</summary>
    public bool Has(string role) => roles.Any(r => r.Name == role);
}
