using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace Inference.Rpc.Server;

/// <summary>
/// Binds the methods of one service to handlers. Names, message types and streaming are checked against the service's
/// descriptor; each method is bound or named in <see cref="Unimplemented"/>.
/// </summary>
public sealed class GrpcServiceBinder
{
    private readonly ServiceDescriptor _service;
    private readonly Dictionary<string, Func<ServerCall, Task>?> _handlers = [];

    internal GrpcServiceBinder(ServiceDescriptor service) => _service = service;

    /// <summary>Statuses of a service's own exceptions; null for one that it does not know.</summary>
    internal Func<Exception, RpcException?> ErrorStatus { get; private set; } = _ => null;

    /// <summary>
    /// Exceptions of the handlers that end a call with a status of their own. One that the function gives null for, and that is no
    /// <see cref="RpcException"/>, ends it with INTERNAL.
    /// </summary>
    public GrpcServiceBinder Errors(Func<Exception, RpcException?> status)
    {
        ErrorStatus = status;
        return this;
    }

    /// <summary>One request, one response.</summary>
    /// <exception cref="InvalidOperationException">The descriptor has no such method.</exception>
    public GrpcServiceBinder Unary<TRequest, TResponse>(string method, Func<TRequest, CallContext, Task<TResponse>> handler)
        where TRequest : class, IMessage<TRequest>, new()
        where TResponse : class, IMessage<TResponse>, new()
    {
        MessageParser<TRequest> parser = new(() => new());
        return Bind<TRequest, TResponse>(method, false, false, async call =>
            await call.WriteSingleAsync(await handler(await call.ReadSingleAsync(parser), call.Context)));
    }

    /// <summary>One request, a stream of responses.</summary>
    /// <exception cref="InvalidOperationException">The descriptor has no such method.</exception>
    public GrpcServiceBinder ServerStream<TRequest, TResponse>(
        string method, Func<TRequest, CallContext, IAsyncEnumerable<TResponse>> handler)
        where TRequest : class, IMessage<TRequest>, new()
        where TResponse : class, IMessage<TResponse>, new()
    {
        MessageParser<TRequest> parser = new(() => new());
        return Bind<TRequest, TResponse>(method, false, true, async call =>
            await call.WriteAllAsync(handler(await call.ReadSingleAsync(parser), call.Context)));
    }

    /// <summary>A stream of requests, one response.</summary>
    /// <exception cref="InvalidOperationException">The descriptor has no such method.</exception>
    public GrpcServiceBinder ClientStream<TRequest, TResponse>(
        string method, Func<IAsyncEnumerable<TRequest>, CallContext, Task<TResponse>> handler)
        where TRequest : class, IMessage<TRequest>, new()
        where TResponse : class, IMessage<TResponse>, new()
    {
        MessageParser<TRequest> parser = new(() => new());
        return Bind<TRequest, TResponse>(method, true, false, async call =>
            await call.WriteSingleAsync(await handler(call.ReadAllAsync(parser), call.Context)));
    }

    /// <summary>A stream each way, independent of each other.</summary>
    /// <exception cref="InvalidOperationException">The descriptor has no such method.</exception>
    public GrpcServiceBinder Duplex<TRequest, TResponse>(
        string method, Func<IAsyncEnumerable<TRequest>, CallContext, IAsyncEnumerable<TResponse>> handler)
        where TRequest : class, IMessage<TRequest>, new()
        where TResponse : class, IMessage<TResponse>, new()
    {
        MessageParser<TRequest> parser = new(() => new());
        return Bind<TRequest, TResponse>(method, true, true, call =>
            call.WriteAllAsync(handler(call.ReadAllAsync(parser), call.Context)));
    }

    /// <summary>This server answers UNIMPLEMENTED to the method.</summary>
    /// <exception cref="InvalidOperationException">The descriptor has no such method.</exception>
    public GrpcServiceBinder Unimplemented(string method)
    {
        Find(method);
        return Add(method, null);
    }

    internal IEnumerable<(MethodDescriptor Method, Func<ServerCall, Task> Handler)> Bindings()
    {
        string[] missing = [.. _service.Methods.Select(m => m.Name).Where(m => !_handlers.ContainsKey(m))];
        if (missing.Length > 0)
            throw new InvalidOperationException($"{_service.FullName}: no handler for {string.Join(", ", missing)}");
        return _handlers.Where(h => h.Value != null).Select(h => (Find(h.Key), h.Value!));
    }

    private GrpcServiceBinder Bind<TRequest, TResponse>(
        string name, bool clientStreaming, bool serverStreaming, Func<ServerCall, Task> handler)
        where TRequest : IMessage<TRequest>, new()
        where TResponse : IMessage<TResponse>, new()
    {
        MethodShape.Check<TRequest, TResponse>(Find(name), clientStreaming, serverStreaming);
        return Add(name, handler);
    }

    private GrpcServiceBinder Add(string name, Func<ServerCall, Task>? handler) => _handlers.TryAdd(name, handler)
        ? this : throw new InvalidOperationException($"{_service.FullName}.{name} is bound twice");

    private MethodDescriptor Find(string name) => MethodShape.Find(_service, name);
}
