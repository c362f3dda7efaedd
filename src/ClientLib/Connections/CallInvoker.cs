using System.Runtime.CompilerServices;
using Google.Protobuf;
using Inference.Rpc;
using Inference.Rpc.Client;

namespace Inference.ClientLib.Connections;

/// <summary>Runs calls through the pool, with deadline and retry, and turns failures into <see cref="InferenceException"/>.</summary>
internal sealed class CallInvoker(EndpointPool pool, InferenceClientOptions options)
{
    private readonly Backoff _backoff = new(options.Retry);

    public async Task<TResponse> UnaryAsync<TRequest, TResponse>(
        RpcMethod<TRequest, TResponse> method, TRequest request, InferenceCallOptions? call, CancellationToken cancellation,
        bool isRepeatable = true)
        where TRequest : class, IMessage<TRequest>, new()
        where TResponse : class, IMessage<TResponse>, new() =>
        await RetryAsync(
            async (endpoint, callOptions, token) => await endpoint.Channel.Unary(method, request, callOptions, token),
            call, call?.Timeout ?? options.Timeout, isRepeatable, cancellation);

    /// <summary>A stream of requests. Tried again only where the first of them never reached a server.</summary>
    public async Task<TResponse> ClientStreamAsync<TRequest, TResponse>(
        RpcMethod<TRequest, TResponse> method, Func<IAsyncEnumerable<TRequest>> requests, InferenceCallOptions? call, CancellationToken cancellation)
        where TRequest : class, IMessage<TRequest>, new()
        where TResponse : class, IMessage<TResponse>, new() =>
        await RetryAsync(
            async (endpoint, callOptions, token) => await endpoint.Channel.ClientStream(method, requests(), callOptions, token),
            call, call?.Timeout ?? options.StreamTimeout, isRepeatable: false, cancellation);

    public async IAsyncEnumerable<TResponse> StreamAsync<TRequest, TResponse>(
        RpcMethod<TRequest, TResponse> method, TRequest request, InferenceCallOptions? call, bool isRepeatable = true,
        [EnumeratorCancellation] CancellationToken cancellation = default)
        where TRequest : class, IMessage<TRequest>, new()
        where TResponse : class, IMessage<TResponse>, new()
    {
        (IAsyncEnumerator<TResponse> responses, bool hasNext) = await RetryAsync(
            async (endpoint, callOptions, _) =>
            {
                IAsyncEnumerator<TResponse> stream =
                    endpoint.Channel.ServerStream(method, request, callOptions, cancellation).GetAsyncEnumerator(CancellationToken.None);
                return (stream, await stream.MoveNextAsync());
            },
            call, call?.Timeout ?? options.StreamTimeout, isRepeatable, cancellation);
        try
        {
            while (hasNext)
            {
                yield return responses.Current;
                hasNext = await NextAsync(responses, call);
            }
        }
        finally
        {
            await responses.DisposeAsync();
        }
    }

    /// <summary>A stream each way. Tried again only where the first request never reached a server.</summary>
    public async IAsyncEnumerable<TResponse> DuplexAsync<TRequest, TResponse>(
        RpcMethod<TRequest, TResponse> method, IAsyncEnumerable<TRequest> requests, InferenceCallOptions? call,
        [EnumeratorCancellation] CancellationToken cancellation = default)
        where TRequest : class, IMessage<TRequest>, new()
        where TResponse : class, IMessage<TResponse>, new()
    {
        StreamCall<TResponse> stream = await RetryAsync(
            async (endpoint, callOptions, _) =>
            {
                StreamCall<TResponse> started = endpoint.Channel.Duplex(method, requests, callOptions, cancellation);
                await started.GetHeadersAsync();
                return started;
            },
            call, call?.Timeout ?? options.StreamTimeout, isRepeatable: false, cancellation);
        await using IAsyncEnumerator<TResponse> responses = stream.GetAsyncEnumerator(CancellationToken.None);
        while (await NextAsync(responses, call))
        {
            yield return responses.Current;
        }
    }

    private static async ValueTask<bool> NextAsync<T>(IAsyncEnumerator<T> responses, InferenceCallOptions? call)
    {
        try
        {
            return await responses.MoveNextAsync();
        }
        catch (RpcException e)
        {
            throw InferenceException.From(e, call?.RequestId);
        }
    }

    private async Task<T> RetryAsync<T>(
        Func<Endpoint, CallOptions, CancellationToken, ValueTask<T>> start, InferenceCallOptions? call, TimeSpan? timeout,
        bool isRepeatable, CancellationToken cancellation)
    {
        long begin = options.Time.GetTimestamp();
        for (int attempt = 1; ; attempt++)
        {
            TimeSpan? left = timeout - options.Time.GetElapsedTime(begin);
            CallOptions callOptions = new() { Timeout = left, Headers = Headers(call) };
            try
            {
                return await pool.ExecuteAsync((endpoint, token) => start(endpoint, callOptions, token), cancellation);
            }
            catch (RpcException e)
            {
                TimeSpan? delay = _backoff.Delay(e, attempt, isRepeatable, hasUntriedServer: attempt < pool.Count);
                if (delay is null || delay >= timeout - options.Time.GetElapsedTime(begin))
                {
                    throw InferenceException.From(e, call?.RequestId);
                }

                await Task.Delay(delay.Value, options.Time, cancellation);
            }
        }
    }

    private Metadata Headers(InferenceCallOptions? call)
    {
        Metadata headers = new();
        if (options.ApiKey is not null)
        {
            headers.Add("authorization", "Bearer " + options.ApiKey);
        }

        if (call?.RequestId is { } requestId)
        {
            headers.Add("x-request-id", requestId);
        }

        foreach ((string name, string value) in options.Headers.Concat(call?.Headers ?? new Dictionary<string, string>()))
        {
            headers.Add(name, value);
        }

        return headers;
    }
}
