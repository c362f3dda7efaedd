using System.Runtime.CompilerServices;
using Google.Protobuf;

namespace Inference.Rpc.Client;

/// <summary>A call with one response; await it to get that.</summary>
public sealed class UnaryCall<TResponse> : IDisposable
    where TResponse : class, IMessage<TResponse>, new()
{
    private readonly ClientCall<TResponse> _call;

    internal UnaryCall(ClientCall<TResponse> call)
    {
        _call = call;
        Response = ReadAsync();
    }

    /// <summary>Fails with <see cref="RpcException"/>, or OperationCanceledException where the caller cancelled.</summary>
    public Task<TResponse> Response { get; }

    /// <summary>What the server sent with its status; empty before <see cref="Response"/> is complete.</summary>
    public Metadata Trailers => _call.Trailers;

    /// <summary>What the server sent ahead of its response.</summary>
    public Task<Metadata> GetHeadersAsync() => _call.GetHeadersAsync();

    public TaskAwaiter<TResponse> GetAwaiter() => Response.GetAwaiter();

    /// <summary>Cancels the call where it still runs.</summary>
    public void Dispose() => _call.Dispose();

    private async Task<TResponse> ReadAsync()
    {
        TResponse? response = await _call.ReadAsync();
        if (response != null && await _call.ReadAsync() == null)
            return response;
        _call.Dispose();
        throw new RpcException(
            StatusCode.Unimplemented, $"the method answers one message; the server sent {(response == null ? "none" : "more")}");
    }
}
