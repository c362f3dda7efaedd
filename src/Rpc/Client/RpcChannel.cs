using System.Net;
using Google.Protobuf;

namespace Inference.Rpc.Client;

/// <summary>
/// Calls to one address over HTTP/2, cleartext (http) or TLS (https). Connections are opened when needed, and more of them when
/// one carries all the streams that the server allows. Thread-safe; keep one for the life of the program.
/// </summary>
public sealed class RpcChannel : IDisposable
{
    private readonly HttpMessageInvoker _invoker;
    private readonly RpcChannelOptions _options;

    /// <param name="address">Scheme http or https, host and port.</param>
    /// <param name="options">Default: <see cref="RpcChannelOptions"/>' own.</param>
    /// <exception cref="ArgumentException">The scheme is another.</exception>
    public RpcChannel(Uri address, RpcChannelOptions? options = null)
    {
        if (address.Scheme is not ("http" or "https"))
            throw new ArgumentException($"address '{address}': the scheme is http or https", nameof(address));
        Address = address;
        _options = options ?? new();
        _invoker = new(_options.Handler ?? CreateHandler(_options), disposeHandler: _options.Handler == null);
    }

    public Uri Address { get; }

    /// <summary>One request, one response: <c>await channel.Unary(...)</c>.</summary>
    /// <inheritdoc cref="ServerStream"/>
    public UnaryCall<TResponse> Unary<TRequest, TResponse>(
        RpcMethod<TRequest, TResponse> method, TRequest request, CallOptions? options = null, CancellationToken cancellation = default)
        where TRequest : class, IMessage<TRequest>, new()
        where TResponse : class, IMessage<TResponse>, new()
    {
        method.RequireKind(false, false);
        return new(Start(method, One(request), options, cancellation));
    }

    /// <summary>One request, a stream of responses.</summary>
    /// <param name="method">Of the kind that the call's name says.</param>
    /// <param name="request">Sent at once.</param>
    /// <param name="options">What this call does otherwise.</param>
    /// <param name="cancellation">
    /// Resets the call, so that the server sees it cancelled, and ends it here with OperationCanceledException.
    /// </param>
    public StreamCall<TResponse> ServerStream<TRequest, TResponse>(
        RpcMethod<TRequest, TResponse> method, TRequest request, CallOptions? options = null, CancellationToken cancellation = default)
        where TRequest : class, IMessage<TRequest>, new()
        where TResponse : class, IMessage<TResponse>, new()
    {
        method.RequireKind(false, true);
        return new(Start(method, One(request), options, cancellation));
    }

    /// <summary>A stream of requests, one response. The enumeration ends early when the server answers early.</summary>
    /// <inheritdoc cref="ServerStream"/>
    public UnaryCall<TResponse> ClientStream<TRequest, TResponse>(
        RpcMethod<TRequest, TResponse> method, IAsyncEnumerable<TRequest> requests, CallOptions? options = null,
        CancellationToken cancellation = default)
        where TRequest : class, IMessage<TRequest>, new()
        where TResponse : class, IMessage<TResponse>, new()
    {
        method.RequireKind(true, false);
        return new(Start(method, requests, options, cancellation));
    }

    /// <summary>A stream each way. The enumeration of requests ends early when the server ends the call.</summary>
    /// <inheritdoc cref="ServerStream"/>
    public StreamCall<TResponse> Duplex<TRequest, TResponse>(
        RpcMethod<TRequest, TResponse> method, IAsyncEnumerable<TRequest> requests, CallOptions? options = null,
        CancellationToken cancellation = default)
        where TRequest : class, IMessage<TRequest>, new()
        where TResponse : class, IMessage<TResponse>, new()
    {
        method.RequireKind(true, true);
        return new(Start(method, requests, options, cancellation));
    }

    /// <summary>Closes the connections; running calls fail.</summary>
    public void Dispose() => _invoker.Dispose();

    private ClientCall<TResponse> Start<TRequest, TResponse>(
        RpcMethod<TRequest, TResponse> method, IAsyncEnumerable<TRequest> requests, CallOptions? options, CancellationToken cancellation)
        where TRequest : class, IMessage<TRequest>, new()
        where TResponse : class, IMessage<TResponse>, new()
    {
        options ??= new();
        bool compress = options.Compress ?? _options.Compress;
        RequestBody<TRequest> body = new(
            requests, options.MaxSendMessageBytes ?? _options.MaxSendMessageBytes, compress ? _options.CompressFromBytes : null);
        HttpRequestMessage request = RequestHead.Create(new Uri(Address, method.Path), options, compress, body);
        ClientCall<TResponse> call = new(
            method.ResponseParser, options.MaxReceiveMessageBytes ?? _options.MaxReceiveMessageBytes,
            options.Timeout, _options.Time, cancellation);
        call.Start(_invoker, request, body);
        return call;
    }

    private static async IAsyncEnumerable<T> One<T>(T message)
    {
        await Task.CompletedTask;
        yield return message;
    }

    private static SocketsHttpHandler CreateHandler(RpcChannelOptions options)
    {
        SocketsHttpHandler handler = new()
        {
            EnableMultipleHttp2Connections = true,
            ConnectTimeout = options.ConnectTimeout,
            KeepAlivePingDelay = options.KeepAlivePingDelay,
            KeepAlivePingTimeout = options.KeepAlivePingTimeout,
            KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
            PooledConnectionIdleTimeout = options.IdleTimeout,
            InitialHttp2StreamWindowSize = 1 << 20,
            AutomaticDecompression = DecompressionMethods.None,
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
        };
        if (options.Tls != null)
            handler.SslOptions = options.Tls;
        return handler;
    }
}
