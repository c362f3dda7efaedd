using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.Primitives;

namespace Inference.Rpc.Server;

/// <summary>Answers UNIMPLEMENTED to gRPC requests that no other endpoint takes; other requests pass by.</summary>
internal sealed class UnimplementedEndpoint : EndpointDataSource, IRouteConstraint
{
    public UnimplementedEndpoint()
    {
        RoutePattern pattern = RoutePatternFactory.Parse("{service}/{method}", null, new { method = this });
        Endpoints = [new RouteEndpointBuilder(AnswerAsync, pattern, int.MaxValue)
        {
            DisplayName = "gRPC unimplemented",
            Metadata = { new HttpMethodMetadata([HttpMethods.Post]) },
        }.Build()];
    }

    /// <inheritdoc/>
    public override IReadOnlyList<Endpoint> Endpoints { get; }

    /// <inheritdoc/>
    public override IChangeToken GetChangeToken() => NullChangeToken.Singleton;

    /// <inheritdoc/>
    public bool Match(HttpContext? http, IRouter? route, string routeKey, RouteValueDictionary values, RouteDirection direction) =>
        http?.Request.IsGrpcRequest() == true;

    private static Task AnswerAsync(HttpContext http) => http.WriteRpcErrorAsync(
        new(StatusCode.Unimplemented, $"{http.Request.Path} is not a method of this server"));
}
