using System.Net;
using Inference.Hosting.Authentication;
using Microsoft.Extensions.Options;

namespace Inference.Hosting;

/// <summary>Refuses what attributes cannot express: an address that is none, half a TLS configuration, an open door to the network.</summary>
internal sealed class ServerOptionsValidator(IOptions<AuthenticationOptions> authentication) : IValidateOptions<ServerOptions>
{
    /// <inheritdoc/>
    public ValidateOptionsResult Validate(string? name, ServerOptions options)
    {
        List<string> faults = [];
        IPAddress? address = ListenAddress.Parse(options.Address);
        if (address is null)
        {
            faults.Add($"Server:Address must be an IP address, \"localhost\" or \"*\", not \"{options.Address}\"");
        }
        else if (!IPAddress.IsLoopback(address) && !options.UsesTls && !authentication.Value.IsConfigured)
        {
            faults.Add($"Server:Address {options.Address} is reachable from the network: configure TLS (Server:CertificateFile and "
                + "Server:KeyFile) or API keys (Authentication:ApiKeyFile or Authentication:ApiKeys), or listen on 127.0.0.1");
        }

        if (options.GrpcPort == options.HttpPort && options.GrpcPort != 0)
        {
            faults.Add($"Server:GrpcPort and Server:HttpPort must differ, both are {options.GrpcPort}");
        }

        if (options.UsesTls != options.KeyFile is { Length: > 0 })
        {
            faults.Add("Server:CertificateFile and Server:KeyFile go together: configure both or neither");
        }

        faults.AddRange(new[] { ("CertificateFile", options.CertificateFile), ("KeyFile", options.KeyFile) }
            .Where(f => f.Item2 is { Length: > 0 } && !File.Exists(f.Item2))
            .Select(f => $"Server:{f.Item1}: there is no file {f.Item2}"));
        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }
}
