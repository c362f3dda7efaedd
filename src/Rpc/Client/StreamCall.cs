using Google.Protobuf;

namespace Inference.Rpc.Client;

/// <summary>
/// A call with a stream of responses, to be enumerated once. Leaving the enumeration early, or disposing the call, resets it:
/// the server sees it cancelled. What is not read holds the server back.
/// </summary>
public sealed class StreamCall<TResponse> : IAsyncEnumerable<TResponse>, IDisposable
    where TResponse : class, IMessage<TResponse>, new()
{
    private readonly ClientCall<TResponse> _call;

    internal StreamCall(ClientCall<TResponse> call) => _call = call;

    /// <summary>What the server sent with its status; empty before the stream's end.</summary>
    public Metadata Trailers => _call.Trailers;

    /// <summary>What the server sent ahead of its responses.</summary>
    public Task<Metadata> GetHeadersAsync() => _call.GetHeadersAsync();

    /// <summary>Fails with <see cref="RpcException"/>, or OperationCanceledException where a caller's token is cancelled.</summary>
    public async IAsyncEnumerator<TResponse> GetAsyncEnumerator(CancellationToken cancellationToken = default)
    {
        using var leave = cancellationToken.UnsafeRegister(static c => ((ClientCall<TResponse>)c!).Dispose(), _call);
        try
        {
            while (await _call.ReadAsync() is { } response)
                yield return response;
        }
        finally
        {
            _call.Dispose();
        }
    }

    /// <summary>Cancels the call where it still runs.</summary>
    public void Dispose() => _call.Dispose();
}
