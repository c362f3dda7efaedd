using System.IO.Pipelines;
using System.Runtime.ExceptionServices;
using Google.Protobuf;
using Inference.Rpc.Wire;

namespace Inference.Rpc.Client;

/// <summary>One call in progress: its responses in order, then its status. One reader at a time.</summary>
internal sealed class ClientCall<TResponse> : IDisposable
    where TResponse : class, IMessage<TResponse>, new()
{
    private static readonly TimeSpan LongestTimer = TimeSpan.FromMilliseconds(uint.MaxValue - 1);

    private readonly MessageParser<TResponse> _parser;
    private readonly int _maxMessageBytes;
    private readonly CancellationTokenSource _deadline;
    private readonly CancellationTokenSource _cancellation;
    private readonly CancellationToken _callerCancellation;
    private readonly CancellationToken _token;
    private RequestBody _body = null!;
    private Task<HttpResponseMessage> _response = null!;
    private PipeReader? _pipe;
    private FrameReader? _frames;
    private int _disposed;

    public ClientCall(
        MessageParser<TResponse> parser, int maxMessageBytes, TimeSpan? timeout, TimeProvider time, CancellationToken cancellation)
    {
        _parser = parser;
        _maxMessageBytes = maxMessageBytes;
        _callerCancellation = cancellation;
        _deadline = timeout < LongestTimer ? new(timeout > TimeSpan.Zero ? timeout.Value : TimeSpan.Zero, time) : new();
        _cancellation = CancellationTokenSource.CreateLinkedTokenSource(cancellation, _deadline.Token);
        _token = _cancellation.Token;
    }

    /// <summary>Empty until the call has ended.</summary>
    public Metadata Trailers { get; private set; } = new();

    public void Start(HttpMessageInvoker invoker, HttpRequestMessage request, RequestBody body)
    {
        _body = body;
        body.Cancellation = _token;
        _response = SendAsync(invoker, request);
    }

    /// <exception cref="RpcException">The call failed before the server answered.</exception>
    public async Task<Metadata> GetHeadersAsync()
    {
        try
        {
            return ResponseStatus.ToMetadata((await _response).Headers);
        }
        catch (Exception e) when (Explain(e) is var cause && cause != e)
        {
            ExceptionDispatchInfo.Throw(cause);
            throw;
        }
    }

    /// <summary>The next response; null at the end of a call that succeeded.</summary>
    /// <exception cref="RpcException">The call failed.</exception>
    /// <exception cref="OperationCanceledException">The caller cancelled it.</exception>
    public async Task<TResponse?> ReadAsync()
    {
        try
        {
            HttpResponseMessage response = await _response;
            _frames ??= await OpenAsync(response);
            TResponse? message = await _frames.ReadAsync(_parser, _token);
            if (message == null)
                Finish(response);
            return message;
        }
        catch (Exception e)
        {
            Exception cause = Explain(e);
            Dispose();
            if (cause == e)
                throw;
            ExceptionDispatchInfo.Throw(cause);
            throw;
        }
    }

    /// <summary>Ends the call; one that still runs is reset, which the server sees as cancelled.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        _cancellation.Cancel();
        _cancellation.Dispose();
        _deadline.Dispose();
    }

    private async Task<HttpResponseMessage> SendAsync(HttpMessageInvoker invoker, HttpRequestMessage request)
    {
        HttpResponseMessage response = await invoker.SendAsync(request, _token);
        _token.UnsafeRegister(static r => ((HttpResponseMessage)r!).Dispose(), response);
        return response;
    }

    private async Task<FrameReader> OpenAsync(HttpResponseMessage response)
    {
        ResponseStatus.CheckHead(response);
        string? encoding = ResponseStatus.Find(response.Headers, Headers.Encoding);
        if (encoding is not (null or Headers.Identity or Headers.Gzip))
            throw new RpcException(StatusCode.Internal, $"the server answers with grpc-encoding '{encoding}', which was not offered");
        _pipe = PipeReader.Create(
            await response.Content.ReadAsStreamAsync(_token), new(bufferSize: 16 << 10, minimumReadSize: 4 << 10));
        return new(_pipe, _maxMessageBytes, encoding, requireUtf8: false);
    }

    private void Finish(HttpResponseMessage response)
    {
        _pipe?.Complete();
        RpcException? error = ResponseStatus.ReadEnd(response, out Metadata trailers);
        Trailers = trailers;
        if (error != null)
            throw error;
        Dispose();
    }

    /// <summary>What the caller should see in place of what the transport threw.</summary>
    private Exception Explain(Exception e)
    {
        if (_body.Failure is { } failure)
            return failure.SourceException;
        bool cancelled = e is RpcException { StatusCode: StatusCode.Cancelled } && _token.IsCancellationRequested;
        if (e is RpcException && !cancelled)
            return e;
        if (_callerCancellation.IsCancellationRequested)
            return new OperationCanceledException("the call was cancelled", e, _callerCancellation);
        if (_deadline.IsCancellationRequested)
            return new RpcException(StatusCode.DeadlineExceeded, "the deadline passed", [], new(), e);
        if (_disposed != 0)
            return new OperationCanceledException("the call was disposed", e);
        return TransportError.ToRpcException(e);
    }
}
