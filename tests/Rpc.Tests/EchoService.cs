using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Google.Protobuf;
using Inference.Rpc.Server;

namespace Inference.Rpc.Tests;

/// <summary>The service that tests call; it tells what it saw.</summary>
internal sealed class EchoService
{
    /// <summary>Completes with the method's name when a handler ends because its call was cancelled.</summary>
    public TaskCompletionSource<string> Cancelled { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when a handler that waits has begun.</summary>
    public TaskCompletionSource Started { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public ConcurrentQueue<CallContext> Contexts { get; } = [];

    private int _produced;

    /// <summary>Messages that Forever has made.</summary>
    public int Produced => Volatile.Read(ref _produced);

    public void Bind(GrpcServiceBinder binder) => binder
        .Unary<EchoRequest, EchoResponse>("Say", SayAsync)
        .ServerStream<EchoRequest, EchoResponse>("Repeat", (request, context) => RepeatAsync(request, context))
        .ClientStream<EchoRequest, EchoResponse>("Collect", CollectAsync)
        .Duplex<EchoRequest, EchoResponse>("Talk", (requests, context) => TalkAsync(requests))
        .ServerStream<EchoRequest, EchoResponse>("Forever", (request, context) => ForeverAsync(request))
        .Unary<EchoRequest, EchoResponse>("Hang", HangAsync)
        .Unary<FailRequest, EchoResponse>("Fail", (request, _) => throw Failure(request))
        .ServerStream<FailRequest, EchoResponse>("FailLate", (request, _) => FailLateAsync(request))
        .Unimplemented("NotHere");

    private async Task<EchoResponse> SayAsync(EchoRequest request, CallContext context)
    {
        Contexts.Enqueue(context);
        await Task.Yield();
        EchoResponse response = new()
        {
            Text = request.Text,
            Data = request.AnswerBytes > 0 ? ByteString.CopyFrom(new byte[request.AnswerBytes]) : request.Data,
        };
        foreach (var (name, value) in context.RequestHeaders)
            response.Metadata[name] = value;
        context.ResponseHeaders.Add("x-header", "from the server");
        context.ResponseTrailers.Add("x-trailer", "at the end");
        context.ResponseTrailers.AddBinary("x-trailer-bin", [0, 255, 7]);
        return response;
    }

    private async IAsyncEnumerable<EchoResponse> RepeatAsync(EchoRequest request, CallContext context)
    {
        context.ResponseHeaders.Add("x-header", "from the stream");
        for (int i = 0; i < request.Times; i++)
        {
            if (i % 3 == 1)
                await Task.Yield();
            yield return new() { Text = request.Text, Index = i, Data = ByteString.CopyFrom(new byte[request.AnswerBytes]) };
        }
        context.ResponseTrailers.Add("x-trailer", "at the end");
    }

    private static async Task<EchoResponse> CollectAsync(IAsyncEnumerable<EchoRequest> requests, CallContext context)
    {
        List<EchoRequest> all = await requests.ToListAsync();
        return new() { Text = string.Concat(all.Select(r => r.Text)), Index = all.Count };
    }

    private static async IAsyncEnumerable<EchoResponse> TalkAsync(
        IAsyncEnumerable<EchoRequest> requests, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        int index = 0;
        await foreach (EchoRequest request in requests.WithCancellation(cancellation))
            yield return new() { Text = request.Text, Index = index++ };
    }

    private async IAsyncEnumerable<EchoResponse> ForeverAsync(
        EchoRequest request, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        try
        {
            while (true)
            {
                yield return new() { Index = _produced, Data = ByteString.CopyFrom(new byte[request.AnswerBytes]) };
                Interlocked.Increment(ref _produced);
                Started.TrySetResult();
                if (request.AnswerBytes == 0)
                    await Task.Delay(TimeSpan.FromMilliseconds(1), cancellation);
            }
        }
        finally
        {
            if (cancellation.IsCancellationRequested)
                Cancelled.TrySetResult("Forever");
        }
    }

    private async Task<EchoResponse> HangAsync(EchoRequest request, CallContext context)
    {
        using var seen = context.CancellationToken.Register(() => Cancelled.TrySetResult("Hang"));
        Contexts.Enqueue(context);
        Started.TrySetResult();
        await Task.Delay(Timeout.InfiniteTimeSpan, context.CancellationToken);
        return new();
    }

    private static async IAsyncEnumerable<EchoResponse> FailLateAsync(FailRequest request)
    {
        yield return new() { Text = "before" };
        await Task.Yield();
        throw Failure(request);
    }

    private static Exception Failure(FailRequest request) => request switch
    {
        { Crash: true } => new InvalidOperationException("the secret is 42"),
        { Fields.Count: > 0 } => RpcException.InvalidFields([.. request.Fields.Select(f => (f, "is wrong"))]),
        _ => new RpcException((StatusCode)request.Code, request.Message),
    };
}
