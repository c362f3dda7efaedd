using System.IO.Pipelines;
using System.Net;
using System.Runtime.ExceptionServices;
using Google.Protobuf;
using Inference.Rpc.Wire;

namespace Inference.Rpc.Client;

/// <summary>What a call needs to know of the body that it sends.</summary>
internal abstract class RequestBody : HttpContent
{
    /// <summary>The call's; ends the enumeration.</summary>
    public CancellationToken Cancellation { get; set; }

    /// <summary>What the caller's enumeration or the message limit threw.</summary>
    public ExceptionDispatchInfo? Failure { get; protected set; }
}

/// <summary>The requests of a call as an HTTP/2 body, each sent as soon as it is there.</summary>
internal sealed class RequestBody<T>(IAsyncEnumerable<T> messages, int maxMessageBytes, int? gzipFromBytes) : RequestBody
    where T : class, IMessage<T>
{
    /// <summary>A producer that never waits is flushed, and so held back, each time this much is written.</summary>
    private const int FlushBytes = 32 << 10;

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellation)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, Cancellation);
        PipeWriter pipe = PipeWriter.Create(stream, new(leaveOpen: true));
        FrameWriter writer = new(pipe, maxMessageBytes, gzipFromBytes);
        await using IAsyncEnumerator<T> source = messages.GetAsyncEnumerator(either.Token);
        bool headersSent = false;
        while (true)
        {
            Task<bool> next = GuardAsync(source, either.Token);
            if (!next.IsCompleted)
                await FlushWhileAsync(next);
            if (!await next)
                break;
            WriteGuarded(writer, source.Current);
            if (writer.Unflushed >= FlushBytes)
                await writer.FlushAsync(either.Token);
        }
        await writer.FlushAsync(either.Token);
        await pipe.CompleteAsync();

        async Task FlushWhileAsync(Task<bool> next)
        {
            try
            {
                if (writer.Unflushed > 0)
                    await writer.FlushAsync(either.Token);
                else if (!headersSent)
                    await stream.FlushAsync(either.Token);
                headersSent = true;
            }
            catch
            {
                await either.CancelAsync();
                await Task.WhenAny(next);
                throw;
            }
        }
    }

    private async Task<bool> GuardAsync(IAsyncEnumerator<T> source, CancellationToken cancellation)
    {
        try
        {
            return await source.MoveNextAsync();
        }
        catch (Exception e) when (!cancellation.IsCancellationRequested)
        {
            Failure = ExceptionDispatchInfo.Capture(e);
            throw;
        }
    }

    private void WriteGuarded(FrameWriter writer, T message)
    {
        try
        {
            writer.Write(message);
        }
        catch (RpcException e)
        {
            Failure = ExceptionDispatchInfo.Capture(e);
            throw;
        }
    }
}
