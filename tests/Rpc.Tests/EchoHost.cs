using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Inference.Rpc.Client;
using Inference.Rpc.Health;
using Inference.Rpc.Reflection;
using Inference.Rpc.Server;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Inference.Rpc.Tests;

/// <summary>The echo service, health and reflection on Kestrel, on a free port, with a channel to it.</summary>
internal sealed class EchoHost : IAsyncDisposable
{
    private readonly WebApplication _app;

    private EchoHost(WebApplication app, RecordingLoggerProvider logs, RpcChannelOptions? client)
    {
        _app = app;
        Logs = logs;
        Address = new(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
        Channel = new(Address, client);
    }

    public static RpcMethod<EchoRequest, EchoResponse> Say { get; } = Method<EchoRequest>("Say");
    public static RpcMethod<EchoRequest, EchoResponse> Repeat { get; } = Method<EchoRequest>("Repeat");
    public static RpcMethod<EchoRequest, EchoResponse> Collect { get; } = Method<EchoRequest>("Collect");
    public static RpcMethod<EchoRequest, EchoResponse> Talk { get; } = Method<EchoRequest>("Talk");
    public static RpcMethod<EchoRequest, EchoResponse> Forever { get; } = Method<EchoRequest>("Forever");
    public static RpcMethod<EchoRequest, EchoResponse> Hang { get; } = Method<EchoRequest>("Hang");
    public static RpcMethod<FailRequest, EchoResponse> Fail { get; } = Method<FailRequest>("Fail");
    public static RpcMethod<FailRequest, EchoResponse> FailLate { get; } = Method<FailRequest>("FailLate");
    public static RpcMethod<EchoRequest, EchoResponse> NotHere { get; } = Method<EchoRequest>("NotHere");

    public Uri Address { get; }

    public RpcChannel Channel { get; }

    public EchoService Service => _app.Services.GetRequiredService<EchoService>();

    public HealthService Health => _app.Services.GetRequiredService<HealthService>();

    public RecordingLoggerProvider Logs { get; }

    /// <summary>What middleware saw of the calls that ended.</summary>
    public ConcurrentQueue<RpcCallFeature> Calls => _app.Services.GetRequiredService<ConcurrentQueue<RpcCallFeature>>();

    public static async Task<EchoHost> StartAsync(
        Action<RpcServerOptions>? server = null, RpcChannelOptions? client = null, X509Certificate2? certificate = null,
        Action<WebApplication>? configure = null)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        RecordingLoggerProvider logs = new();
        builder.Logging.ClearProviders().AddProvider(logs).SetMinimumLevel(LogLevel.Debug);
        builder.Services.Configure<RpcServerOptions>(o => server?.Invoke(o));
        builder.Services.AddSingleton<EchoService>().AddSingleton<HealthService>().AddSingleton<ConcurrentQueue<RpcCallFeature>>();
        builder.WebHost.ConfigureKestrel(k => k.ListenGrpc(
            new(IPAddress.Loopback, 0), certificate == null ? null : tls => tls.ServerCertificate = certificate));
        if (certificate != null)
            builder.WebHost.UseKestrelHttpsConfiguration();
        WebApplication app = builder.Build();
        app.Use(async (http, next) =>
        {
            await next();
            if (http.Features.Get<RpcCallFeature>() is { } call)
                app.Services.GetRequiredService<ConcurrentQueue<RpcCallFeature>>().Enqueue(call);
        });
        configure?.Invoke(app);
        app.MapGrpcService(EchoReflection.Descriptor.Services[0], app.Services.GetRequiredService<EchoService>().Bind);
        app.MapGrpcHealth(app.Services.GetRequiredService<HealthService>());
        app.MapGrpcReflection();
        await app.StartAsync();
        return new(app, logs, client);
    }

    public static X509Certificate2 SelfSigned()
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new("CN=localhost", key, HashAlgorithmName.SHA256);
        SubjectAlternativeNameBuilder names = new();
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        return request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
    }

    public Task StopAsync(CancellationToken cancellation = default) => _app.StopAsync(cancellation);

    public async ValueTask DisposeAsync()
    {
        Channel.Dispose();
        await _app.DisposeAsync();
    }

    private static RpcMethod<TRequest, EchoResponse> Method<TRequest>(string name)
        where TRequest : class, Google.Protobuf.IMessage<TRequest>, new() => new(EchoReflection.Descriptor.Services[0], name);
}
