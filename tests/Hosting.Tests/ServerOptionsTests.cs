using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace Inference.Hosting.Tests;

public class ServerOptionsTests
{
    [Theory]
    [InlineData("Server:Address", "0.0.0.0", "reachable from the network")]
    [InlineData("Server:Address", "*", "reachable from the network")]
    [InlineData("Server:Address", "here", "not \"here\"")]
    [InlineData("Server:GrpcPort", "70000", "GrpcPort")]
    [InlineData("Server:DrainTimeout", "2.00:00:00", "DrainTimeout")]
    [InlineData("Server:MaxRequestBytes", "1", "MaxRequestBytes")]
    [InlineData("Server:CertificateFile", "/nowhere/cert.pem", "/nowhere/cert.pem")]
    public async Task Settings_outside_their_range_stop_the_start_and_are_named(string setting, string value, string message)
    {
        OptionsValidationException exception = await Assert.ThrowsAsync<OptionsValidationException>(() => RunningHost.StartAsync(null, (setting, value)));

        Assert.Contains(message, exception.Message);
    }

    [Fact]
    public async Task The_network_is_open_to_a_host_with_keys()
    {
        await using RunningHost host = await RunningHost.StartAsync(null, ("Server:Address", "0.0.0.0"), ("Authentication:ApiKeys:0", "0123456789abcdef"));

        Assert.Equal(IPAddress.Any.ToString(), host.Http.BaseAddress!.Host);
    }

    [Fact]
    public async Task A_body_past_the_limit_is_413()
    {
        await using RunningHost host = await RunningHost.StartAsync(
            app => app.MapPost("/work", async (HttpRequest request) => (await new StreamReader(request.Body).ReadToEndAsync()).Length.ToString()),
            ("Server:MaxRequestBytes", "2048"));

        using HttpResponseMessage fits = await host.Http.PostAsync("/work", new ByteArrayContent(new byte[2048]));
        using HttpResponseMessage tooLarge = await host.Http.PostAsync("/work", new ByteArrayContent(new byte[2049]));

        Assert.Equal(HttpStatusCode.OK, fits.StatusCode);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, tooLarge.StatusCode);
    }

    [Fact]
    public async Task With_a_certificate_both_ports_speak_tls()
    {
        string directory = Directory.CreateTempSubdirectory("hosting-tests-").FullName;
        try
        {
            using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            CertificateRequest request = new("CN=localhost", key, HashAlgorithmName.SHA256);
            DateTimeOffset now = TimeProvider.System.GetUtcNow();
            using X509Certificate2 certificate = request.CreateSelfSigned(now.AddMinutes(-5), now.AddHours(1));
            string certificateFile = Path.Combine(directory, "cert.pem");
            string keyFile = Path.Combine(directory, "key.pem");
            await File.WriteAllTextAsync(certificateFile, certificate.ExportCertificatePem());
            await File.WriteAllTextAsync(keyFile, key.ExportPkcs8PrivateKeyPem());
            await using RunningHost host = await RunningHost.StartAsync(null, ("Server:Address", "0.0.0.0"), ("Server:CertificateFile", certificateFile), ("Server:KeyFile", keyFile));
            using HttpClient client = new(new SocketsHttpHandler
            {
                SslOptions = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = (_, served, _, _) => served?.GetCertHashString() == certificate.GetCertHashString() },
            })
            { DefaultRequestVersion = new Version(2, 0), DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact };

            Assert.Equal("alive\n", await client.GetStringAsync(new UriBuilder(host.Grpc.BaseAddress!) { Scheme = "https", Host = "127.0.0.1", Path = "/healthz" }.Uri));
            Assert.Equal("alive\n", await client.GetStringAsync(new UriBuilder(host.Http.BaseAddress!) { Scheme = "https", Host = "127.0.0.1", Path = "/healthz" }.Uri));
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }
}
