using System.Runtime.CompilerServices;
using Google.Protobuf;
using Inference.Rpc.Wire;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Inference.Rpc.Server;

/// <summary>The messages of one call in progress; protocol and status are <see cref="ServerCallRunner"/>'s.</summary>
internal sealed class ServerCall(
    HttpContext http, RpcServerOptions options, RpcCallFeature feature, CancellationTokenSource cancellation)
{
    /// <summary>A producer that never waits is flushed, and so held back, each time this much is written.</summary>
    private const int FlushBytes = 32 << 10;
    private const int Http2Cancel = 8;

    private readonly FrameReader _reader = new(
        http.Request.BodyReader, options.MaxReceiveMessageBytes, http.Request.Headers[Headers.Encoding], requireUtf8: true);
    private FrameWriter? _writer;
    private bool _headersAppended;
    private Task<bool> _flush = Task.FromResult(true);

    public required CallContext Context { get; init; }

    /// <summary>The call was cancelled while the caller did not take what was sent.</summary>
    public bool OutputStalled { get; private set; }

    /// <summary>The stream was reset; the request's token may tell it a moment later.</summary>
    public bool CallerLeft { get; private set; }

    /// <summary>Messages wait for a flush.</summary>
    public bool HasUnsentMessages => _writer?.Unflushed > 0;

    public async Task<T> ReadSingleAsync<T>(MessageParser<T> parser)
        where T : class, IMessage<T>
    {
        T? message = await ReadAsync(parser);
        if (message == null || await ReadAsync(parser) != null)
        {
            throw new RpcException(
                StatusCode.Unimplemented, $"{Context.Method.FullName} takes one message; {(message == null ? "none" : "more")} came");
        }
        return message;
    }

    public async IAsyncEnumerable<T> ReadAllAsync<T>(
        MessageParser<T> parser, [EnumeratorCancellation] CancellationToken cancellation = default)
        where T : class, IMessage<T>
    {
        while (await ReadAsync(parser, cancellation) is { } message)
            yield return message;
    }

    public async Task WriteSingleAsync(IMessage message)
    {
        PrepareHeaders().Write(message);
        feature.ResponseMessages++;
        await FlushAsync();
    }

    public async Task WriteAllAsync<T>(IAsyncEnumerable<T> messages)
        where T : class, IMessage<T>
    {
        await using IAsyncEnumerator<T> source = messages.GetAsyncEnumerator(Context.CancellationToken);
        bool sent = false;
        while (true)
        {
            Task<bool> next = source.MoveNextAsync().AsTask();
            if (!next.IsCompleted && (!sent || HasUnsentMessages))
                await FlushWhileAsync(next);
            if (!await next)
                break;
            PrepareHeaders().Write(source.Current);
            sent = true;
            feature.ResponseMessages++;
            if (_writer!.Unflushed >= FlushBytes)
                await FlushAsync();
        }
        await FlushAsync();
    }

    /// <summary>Sends the headers, if not sent yet, and all messages.</summary>
    public async Task FlushAsync()
    {
        // Kestrel answers a cancelled flush with INTERNAL_ERROR; waiting outside leaves the reset to StopOutputAsync.
        _flush = PrepareHeaders().FlushAsync(CancellationToken.None);
        try
        {
            if (await _flush.WaitAsync(Context.CancellationToken))
                return;
        }
        catch (OperationCanceledException) when (!_flush.IsCompleted)
        {
            OutputStalled = true;
            throw;
        }
        CallerLeft = true;
        await cancellation.CancelAsync();
        throw new OperationCanceledException("the caller left", Context.CancellationToken);
    }

    /// <summary>Gives up what the caller does not take.</summary>
    public async Task StopOutputAsync()
    {
        http.Features.Get<IHttpResetFeature>()?.Reset(Http2Cancel);
        await Task.WhenAny(_flush);
    }

    /// <summary>Once.</summary>
    public void AppendResponseHeaders()
    {
        if (_headersAppended)
            return;
        _headersAppended = true;
        foreach (var (name, value) in Context.ResponseHeaders)
            http.Response.Headers.Append(name, value);
        Context.ResponseHeaders.MarkSent();
    }

    /// <summary>An enumerator must not be disposed while it runs: where the flush fails, what runs is awaited first.</summary>
    private async Task FlushWhileAsync(Task<bool> next)
    {
        try
        {
            await FlushAsync();
        }
        catch
        {
            await cancellation.CancelAsync();
            await Task.WhenAny(next);
            throw;
        }
    }

    private async ValueTask<T?> ReadAsync<T>(MessageParser<T> parser, CancellationToken cancellation = default)
        where T : class, IMessage<T>
    {
        using CancellationTokenSource? linked = !cancellation.CanBeCanceled || cancellation == Context.CancellationToken
            ? null : CancellationTokenSource.CreateLinkedTokenSource(cancellation, Context.CancellationToken);
        T? message = await _reader.ReadAsync(parser, linked?.Token ?? Context.CancellationToken);
        if (message != null)
            feature.RequestMessages++;
        return message;
    }

    private FrameWriter PrepareHeaders()
    {
        if (_writer != null)
            return _writer;
        bool gzip = Context.CompressResponse && http.Request.Headers[Headers.AcceptEncoding]
            .SelectMany(v => (v ?? "").Split(',', StringSplitOptions.TrimEntries)).Contains(Headers.Gzip);
        if (gzip)
            http.Response.Headers[Headers.Encoding] = Headers.Gzip;
        AppendResponseHeaders();
        return _writer = new(http.Response.BodyWriter, options.MaxSendMessageBytes, gzip ? options.CompressFromBytes : null);
    }
}
