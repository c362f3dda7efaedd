using System.Runtime.CompilerServices;
using Google.Protobuf.Reflection;
using Inference.Rpc.Reflection.V1;
using Inference.Rpc.Server;
using Request = Inference.Rpc.Reflection.V1.ServerReflectionRequest.MessageRequestOneofCase;

namespace Inference.Rpc.Reflection;

/// <summary>grpc.reflection.v1 over the services that a host has mapped. Extensions are answered as none: proto3 has none.</summary>
internal sealed class ReflectionService(Lazy<DescriptorIndex> index)
{
    /// <summary>Ends with UNAVAILABLE when the server stops.</summary>
    public async IAsyncEnumerable<ServerReflectionResponse> AnswerAsync(
        IAsyncEnumerable<ServerReflectionRequest> requests, CallContext context, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, context.ServerStopping);
        await using IAsyncEnumerator<ServerReflectionRequest> source = requests.GetAsyncEnumerator(either.Token);
        while (await MoveNextAsync(source, context))
            yield return Answer(source.Current);
    }

    public ServerReflectionResponse Answer(ServerReflectionRequest request)
    {
        ServerReflectionResponse response = new() { ValidHost = request.Host, OriginalRequest = request };
        switch (request.MessageRequestCase)
        {
            case Request.ListServices:
                response.ListServicesResponse = new();
                response.ListServicesResponse.Service.AddRange(index.Value.ServiceNames.Select(n => new ServiceResponse { Name = n }));
                break;
            case Request.FileByFilename:
                AnswerFile(response, index.Value.FindByName(request.FileByFilename), $"file '{request.FileByFilename}'");
                break;
            case Request.FileContainingSymbol:
                AnswerFile(response, index.Value.FindBySymbol(request.FileContainingSymbol), $"symbol '{request.FileContainingSymbol}'");
                break;
            case Request.FileContainingExtension:
                AnswerFile(response, null, $"extension {request.FileContainingExtension.ExtensionNumber} of '{request.FileContainingExtension.ContainingType}'");
                break;
            case Request.AllExtensionNumbersOfType when index.Value.HasMessage(request.AllExtensionNumbersOfType):
                response.AllExtensionNumbersResponse = new() { BaseTypeName = request.AllExtensionNumbersOfType };
                break;
            case Request.AllExtensionNumbersOfType:
                AnswerFile(response, null, $"message '{request.AllExtensionNumbersOfType}'");
                break;
            default:
                response.ErrorResponse = new() { ErrorCode = (int)StatusCode.InvalidArgument, ErrorMessage = "message_request is not set" };
                break;
        }
        return response;
    }

    private static void AnswerFile(ServerReflectionResponse response, FileDescriptor? file, string what)
    {
        if (file == null)
        {
            response.ErrorResponse = new() { ErrorCode = (int)StatusCode.NotFound, ErrorMessage = $"{what} is not known" };
            return;
        }
        response.FileDescriptorResponse = new();
        response.FileDescriptorResponse.FileDescriptorProto.AddRange(DescriptorIndex.WithImports(file));
    }

    private static async ValueTask<bool> MoveNextAsync(IAsyncEnumerator<ServerReflectionRequest> source, CallContext context)
    {
        try
        {
            return await source.MoveNextAsync();
        }
        catch (OperationCanceledException) when (context.ServerStopping.IsCancellationRequested)
        {
            throw new RpcException(StatusCode.Unavailable, "the server is stopping");
        }
    }
}
