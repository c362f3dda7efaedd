using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace Inference.Rpc.Client;

/// <summary>A method to call, checked against its descriptor.</summary>
public sealed class RpcMethod<TRequest, TResponse>
    where TRequest : class, IMessage<TRequest>, new()
    where TResponse : class, IMessage<TResponse>, new()
{
    /// <exception cref="InvalidOperationException">The service has no such method, or its messages are others.</exception>
    public RpcMethod(ServiceDescriptor service, string name)
    {
        Descriptor = MethodShape.Find(service, name);
        MethodShape.Check<TRequest, TResponse>(Descriptor, Descriptor.IsClientStreaming, Descriptor.IsServerStreaming);
        Path = $"/{service.FullName}/{name}";
    }

    public MethodDescriptor Descriptor { get; }

    /// <summary>"/package.Service/Method".</summary>
    public string Path { get; }

    internal MessageParser<TResponse> ResponseParser { get; } = new(() => new());

    internal void RequireKind(bool clientStreaming, bool serverStreaming) =>
        MethodShape.Check<TRequest, TResponse>(Descriptor, clientStreaming, serverStreaming);
}
