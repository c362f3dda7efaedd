using Google.Protobuf;
using Inference.Rpc.Reflection.V1;
using Inference.Rpc.Server;
using Microsoft.AspNetCore.Routing;
using Alpha = Inference.Rpc.Reflection.V1Alpha;

namespace Inference.Rpc.Reflection;

/// <summary>Puts grpc.reflection.v1 on a host, and v1alpha, which older clients ask for and which has the same wire form.</summary>
public static class ReflectionEndpoints
{
    /// <summary>Tells of all services that are mapped on <paramref name="endpoints"/> when the first question comes.</summary>
    public static void MapGrpcReflection(this IEndpointRouteBuilder endpoints)
    {
        ReflectionService service = new(new(() => new(endpoints.GrpcServices())));
        endpoints.MapGrpcService(ReflectionReflection.Descriptor.Services[0], s => s
            .Duplex<ServerReflectionRequest, ServerReflectionResponse>(
                "ServerReflectionInfo", (requests, context) => service.AnswerAsync(requests, context)));
        endpoints.MapGrpcService(Alpha.ReflectionReflection.Descriptor.Services[0], s => s
            .Duplex<Alpha.ServerReflectionRequest, Alpha.ServerReflectionResponse>(
                "ServerReflectionInfo", (requests, context) => service.AnswerAsync(requests.Select(FromAlpha), context).Select(ToAlpha)));
    }

    private static ServerReflectionRequest FromAlpha(Alpha.ServerReflectionRequest request) =>
        ServerReflectionRequest.Parser.ParseFrom(request.ToByteString());

    private static Alpha.ServerReflectionResponse ToAlpha(ServerReflectionResponse response) =>
        Alpha.ServerReflectionResponse.Parser.ParseFrom(response.ToByteString());
}
