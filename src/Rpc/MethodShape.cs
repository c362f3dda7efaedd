using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace Inference.Rpc;

/// <summary>Checks what code says about a method against its descriptor.</summary>
internal static class MethodShape
{
    public static MethodDescriptor Find(ServiceDescriptor service, string name) => service.FindMethodByName(name)
        ?? throw new InvalidOperationException(
            $"{service.FullName} has no method {name}; it has {string.Join(", ", service.Methods.Select(m => m.Name))}");

    public static void Check<TRequest, TResponse>(MethodDescriptor method, bool clientStreaming, bool serverStreaming)
        where TRequest : IMessage<TRequest>, new()
        where TResponse : IMessage<TResponse>, new()
    {
        string actual = Describe(typeof(TRequest), clientStreaming, typeof(TResponse), serverStreaming);
        string expected = Describe(
            method.InputType.ClrType, method.IsClientStreaming, method.OutputType.ClrType, method.IsServerStreaming);
        if (actual != expected)
            throw new InvalidOperationException($"{method.FullName} is {expected}, not {actual}");
    }

    private static string Describe(Type request, bool clientStreaming, Type response, bool serverStreaming) =>
        $"({(clientStreaming ? "stream " : "")}{request}) returns ({(serverStreaming ? "stream " : "")}{response})";
}
