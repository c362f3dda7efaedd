using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Inference.ClientLib;
using Inference.Contracts.Speech.V1;
using Inference.InferenceHost;
using Inference.TestSupport;
using Inference.VoiceHost;

namespace Inference.EndToEnd.Tests;

/// <summary>`inference serve --voice`: conversations are answered by their own process, whatever its ports, keys and certificate are.</summary>
public class OneProcessTests
{
    private const string Key = "a-key-that-a-client-must-show";

    [SpokenFact]
    public async Task A_process_with_both_roles_finds_itself_on_free_ports()
    {
        await using InferenceServer server = await StartAsync([]);

        using InferenceClient client = new(server.GrpcAddress);
        await ConverseAsync(client);
    }

    [SpokenFact]
    public async Task A_process_with_both_roles_finds_itself_behind_its_certificate_and_keys()
    {
        using TemporaryDirectory directory = new();
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        using X509Certificate2 certificate = new CertificateRequest("CN=tutor.example", key, HashAlgorithmName.SHA256).CreateSelfSigned(now.AddMinutes(-5), now.AddHours(1));
        await File.WriteAllTextAsync(directory.File("cert.pem"), certificate.ExportCertificatePem());
        await File.WriteAllTextAsync(directory.File("key.pem"), key.ExportPkcs8PrivateKeyPem());
        await using InferenceServer server = await StartAsync(new()
        {
            ["Server:Address"] = "0.0.0.0",
            ["Server:CertificateFile"] = directory.File("cert.pem"),
            ["Server:KeyFile"] = directory.File("key.pem"),
            ["Authentication:ApiKeys:0"] = Key,
        });
        Uri address = new UriBuilder(server.GrpcAddress) { Host = "127.0.0.1" }.Uri;
        SslClientAuthenticationOptions tls = new() { RemoteCertificateValidationCallback = (_, served, _, _) => served?.GetCertHashString() == certificate.GetCertHashString() };

        using InferenceClient client = new(new InferenceClientOptions { Addresses = [address], ApiKey = Key, Tls = tls });
        await ConverseAsync(client);
        // The process's own way in is nobody else's.
        using InferenceClient stranger = new(new InferenceClientOptions { Addresses = [address], Tls = tls });
        await Assert.ThrowsAsync<AccessDeniedException>(() => ConverseAsync(stranger));
    }

    private static async Task<InferenceServer> StartAsync(Dictionary<string, string?> settings)
    {
        settings["Server:GrpcPort"] = settings["Server:HttpPort"] = "0";
        settings["Models:Roots:0"] = Path.GetDirectoryName(DemoFactAttribute.Path);
        settings["Recognition:Models:0"] = "";
        settings["Logging:LogLevel:Default"] = "Error";
        InferenceServer server = new([], settings, null, VoiceHostServer.Role);
        await server.StartAsync(CancellationToken.None);
        return server;
    }

    private static async Task ConverseAsync(InferenceClient client)
    {
        ConversationConfig config = new() { Answer = new AnswerConfig { Temperature = 0 }, Manner = new SpeakingManner { Rate = 4 } };
        List<ConverseResponse> responses = await client.Speech.ConverseAsync(config, Question().ToAsyncEnumerable()).ToListAsync();

        Assert.Equal(AnswerEnd.Types.Reason.Complete, Assert.Single(responses, r => r.AnswerEnd is not null).AnswerEnd.Reason);
        Assert.Contains("56", string.Concat(responses.Select(r => r.AnswerDelta?.Text)));
        Assert.Contains(responses, r => r.Audio is not null);
    }

    private static IEnumerable<ConverseRequest> Question() => [new ConverseRequest { Text = "What is seven times eight?" }];
}
