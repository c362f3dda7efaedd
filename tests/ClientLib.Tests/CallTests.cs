using System.Net.Security;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Inference.Contracts.V1;
using Inference.Rpc;

namespace Inference.ClientLib.Tests;

/// <summary>What calls carry and give.</summary>
public class CallTests
{
    private static readonly GenerateRequest Request = new() { Text = "Hi" };

    [Fact]
    public async Task Several_answers_are_put_together_by_their_index()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync();
        server.OnGenerate = (_, _, _) => new GenerateResponse[]
        {
            new() { RequestId = "r", Model = "demo", Deltas = { new Delta { Index = 1, Text = "x", TokenIds = { 7 } }, new Delta { Text = "a" } } },
            new() { Deltas = { new Delta { Text = "b", FinishReason = FinishReason.Length } } },
            new()
            {
                Deltas = { new Delta { Index = 1, Text = "y", FinishReason = FinishReason.Stop, StopText = "END" } },
                Usage = new Usage { PromptTokens = 3, CompletionTokens = 4 },
            },
        }.ToAsyncEnumerable();
        using InferenceClient client = server.Client();

        GenerationResult result = await client.Generation.CompleteAsync(Request);

        Assert.Equal(("r", "demo", "ab"), (result.RequestId, result.Model, result.Text));
        Assert.Equal(["ab", "xy"], result.Answers.Select(a => a.Text));
        Assert.Equal([FinishReason.Length, FinishReason.Stop], result.Answers.Select(a => a.FinishReason));
        Assert.Equal("END", result.Answers[1].StopText);
        Assert.Equal([7u], result.Answers[1].TokenIds);
        Assert.Equal(4, result.Usage.CompletionTokens);
    }

    [Fact]
    public async Task Text_comes_piece_by_piece_with_prompt_and_sampling_sent()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync();
        GenerateRequest? received = null;
        server.OnGenerate = (request, _, _) =>
        {
            received = request;
            return ScriptedServer.Answer("Hel", "lo");
        };
        using InferenceClient client = server.Client();

        List<string> pieces = await client.Generation.StreamTextAsync("Say", new SamplingParameters { Temperature = 0 }, "demo").ToListAsync();

        Assert.Equal(["Hel", "lo"], pieces);
        Assert.Equal(("Say", "demo", 0f), (received!.Text, received.Model, received.Sampling.Temperature));
    }

    [Fact]
    public async Task Wrong_fields_are_named_by_the_exception()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync();
        server.OnGenerate = (_, call, _) =>
        {
            call.ResponseHeaders.Add("x-request-id", "abc");
            return ScriptedServer.Break(RpcException.InvalidFields(("sampling.top_p", "must be (0, 1], is 2"), ("prompt", "is empty")));
        };
        using InferenceClient client = server.Client();

        InvalidRequestException exception = await Assert.ThrowsAsync<InvalidRequestException>(() => client.Generation.CompleteAsync(Request));

        Assert.Equal([new FieldViolation("sampling.top_p", "must be (0, 1], is 2"), new FieldViolation("prompt", "is empty")], exception.FieldViolations);
        Assert.Contains("sampling.top_p", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Key_request_id_and_headers_reach_the_server()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync();
        Metadata? received = null;
        server.OnTokenize = (_, call, _) =>
        {
            received = call.RequestHeaders;
            return Task.FromResult(new TokenizeResponse());
        };
        using InferenceClient client = server.Client(o => o with { ApiKey = "secret", Headers = new Dictionary<string, string> { ["x-team"] = "a" } });

        await client.Generation.TokenizeAsync(
            new TokenizeRequest { Text = "Hi" },
            new InferenceCallOptions { RequestId = "id-1", Headers = new Dictionary<string, string> { ["x-more"] = "b" } });

        Assert.Equal("Bearer secret", received!["authorization"]);
        Assert.Equal(("id-1", "a", "b"), (received["x-request-id"], received["x-team"], received["x-more"]));
    }

    [Fact]
    public async Task A_call_past_its_deadline_fails_so()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync();
        server.OnTokenize = async (_, call, _) =>
        {
            await Task.Delay(Timeout.Infinite, call.CancellationToken);
            return new TokenizeResponse();
        };
        using InferenceClient client = server.Client(o => o with { Timeout = TimeSpan.FromMilliseconds(100) });

        DeadlineExceededException exception = await Assert.ThrowsAsync<DeadlineExceededException>(
            () => client.Generation.TokenizeAsync(new TokenizeRequest { Text = "Hi" }));

        Assert.Equal(StatusCode.DeadlineExceeded, exception.StatusCode);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Leaving_or_cancelling_a_stream_cancels_it_on_the_server(bool byToken)
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync();
        TaskCompletionSource cancelled = new(TaskCreationOptions.RunContinuationsAsynchronously);
        server.OnGenerate = (_, call, _) => Endless(call.CancellationToken, cancelled);
        using InferenceClient client = server.Client();
        using CancellationTokenSource source = new();

        async Task ReadOneAsync()
        {
            await foreach (GenerateResponse response in client.Generation.GenerateAsync(Request, cancellationToken: source.Token))
            {
                if (!byToken)
                {
                    break;
                }

                await source.CancelAsync();
            }
        }

        if (byToken)
        {
            await Assert.ThrowsAnyAsync<OperationCanceledException>(ReadOneAsync);
        }
        else
        {
            await ReadOneAsync();
        }

        await cancelled.Task.WaitAsync(TimeSpan.FromSeconds(20));
    }

    [Fact]
    public async Task Servers_are_taken_in_turn()
    {
        await using ScriptedServer first = await ScriptedServer.StartAsync();
        await using ScriptedServer second = await ScriptedServer.StartAsync();
        using InferenceClient client = first.Client(o => o with { Addresses = [first.Address, second.Address] });

        for (int i = 0; i < 10; i++)
        {
            await client.Generation.CompleteAsync(Request);
        }

        Assert.Equal((5, 5), (first.Calls, second.Calls));
    }

    [Fact]
    public async Task The_remaining_methods_reach_their_services()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync();
        using InferenceClient client = server.Client();

        Assert.Equal([1u, 2u], (await client.Generation.TokenizeAsync(new TokenizeRequest { Text = "Hi" })).Ids);
        Assert.Equal("4 5", await client.Generation.DetokenizeAsync(new DetokenizeRequest { Ids = { 4, 5 } }));
        Assert.Equal("<Hi>", await client.Generation.ApplyChatTemplateAsync(
            new ApplyChatTemplateRequest { Chat = new Contracts.V1.Chat { Messages = { new ChatMessage { Role = "user", Content = "Hi" } } } }));
        Assert.Equal("demo", Assert.Single(await client.Models.ListAsync()).Name);
        Assert.Equal("demo", (await client.Models.GetAsync("demo")).Name);
        await Assert.ThrowsAsync<NotFoundException>(() => client.Models.GetAsync("absent"));
        Assert.Equal(["weights", "ready"], (await client.Models.LoadAsync("m", "m.gguf").ToListAsync()).Select(p => p.Stage));
        await client.Models.UnloadAsync("m");
    }

    [Fact]
    public async Task A_certificate_that_is_trusted_carries_calls_and_another_does_not()
    {
        using X509Certificate2 certificate = SelfSigned();
        await using ScriptedServer server = await ScriptedServer.StartAsync(certificate);
        Uri address = new($"https://localhost:{server.Address.Port}");
        SslClientAuthenticationOptions trust = new()
        {
            CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, CustomTrustStore = { certificate } },
        };
        using InferenceClient trusting = server.Client(o => o with { Addresses = [address], Tls = trust });
        using InferenceClient wary = server.Client(o => o with { Addresses = [address] });

        Assert.Equal("Hello!", (await trusting.Generation.CompleteAsync(Request)).Text);
        await Assert.ThrowsAsync<ServerUnavailableException>(() => wary.Generation.CompleteAsync(Request));
    }

    [Fact]
    public void Options_out_of_range_are_refused_by_name()
    {
        InferenceClientOptions options = new() { Addresses = [new Uri("http://localhost:1")] };

        AssertRefused("Addresses", options with { Addresses = [] });
        AssertRefused("Timeout", options with { Timeout = TimeSpan.Zero });
        AssertRefused("StreamTimeout", options with { StreamTimeout = TimeSpan.Zero });
        AssertRefused("MaxAttempts", options with { Retry = new RetryOptions { MaxAttempts = 0 } });
        AssertRefused("MaxDelay", options with { Retry = new RetryOptions { MaxDelay = TimeSpan.FromMilliseconds(1) } });
        AssertRefused("FailureRatio", options with { CircuitBreaker = new CircuitBreakerOptions { FailureRatio = double.NaN } });
        AssertRefused("BreakDuration", options with { CircuitBreaker = new CircuitBreakerOptions { BreakDuration = TimeSpan.Zero } });
        AssertRefused("address", options with { Addresses = [new Uri("ftp://localhost")] });
    }

    private static void AssertRefused(string name, InferenceClientOptions options) =>
        Assert.Equal(name, Assert.ThrowsAny<ArgumentException>(() => new InferenceClient(options)).ParamName);

    private static async IAsyncEnumerable<GenerateResponse> Endless(
        [EnumeratorCancellation] CancellationToken cancellation, TaskCompletionSource cancelled)
    {
        yield return new GenerateResponse { RequestId = "r" };
        try
        {
            await Task.Delay(Timeout.Infinite, cancellation);
        }
        finally
        {
            cancelled.SetResult();
        }
    }

    private static X509Certificate2 SelfSigned()
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new("CN=localhost", key, HashAlgorithmName.SHA256);
        SubjectAlternativeNameBuilder names = new();
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        return request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
    }
}
