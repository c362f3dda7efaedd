using System.Net;
using System.Net.Http.Headers;
using Inference.Rpc.Wire;

namespace Inference.Rpc.Client;

/// <summary>The status of a call from its HTTP response.</summary>
internal static class ResponseStatus
{
    /// <exception cref="RpcException">Something that does not speak gRPC answered.</exception>
    public static void CheckHead(HttpResponseMessage response)
    {
        if (Find(response.Headers, Headers.Status) != null)
            return;
        if (response.StatusCode != HttpStatusCode.OK)
            throw new RpcException(FromHttp((int)response.StatusCode), $"HTTP status {(int)response.StatusCode} without a gRPC status");
        string? contentType = response.Content.Headers.ContentType?.ToString();
        if (!Headers.IsGrpc(contentType))
            throw new RpcException(StatusCode.Unknown, $"the response has the content-type '{contentType}', not {Headers.ContentType}");
    }

    /// <summary>Once the body is read: the failure, null for OK.</summary>
    public static RpcException? ReadEnd(HttpResponseMessage response, out Metadata trailers)
    {
        HttpHeaders end = Find(response.TrailingHeaders, Headers.Status) == null && Find(response.Headers, Headers.Status) != null
            ? response.Headers : response.TrailingHeaders;
        trailers = ToMetadata(end);
        return Find(end, Headers.Status) is { } status
            ? StatusText.Read(status, Find(end, Headers.Message), Find(end, Headers.StatusDetails), trailers)
            : new(StatusCode.Internal, "the response ended without grpc-status", [], trailers, null);
    }

    public static string? Find(HttpHeaders headers, string name) =>
        headers.NonValidated.TryGetValues(name, out HeaderStringValues values) ? values.ToString() : null;

    public static Metadata ToMetadata(HttpHeaders headers)
    {
        Metadata metadata = new();
        foreach (var (name, values) in headers.NonValidated.Where(h => Headers.IsMetadata(h.Key)))
        {
            foreach (string value in values)
                metadata.AddReceived(name, value);
        }
        return metadata;
    }

    /// <summary>https://github.com/grpc/grpc/blob/master/doc/http-grpc-status-mapping.md.</summary>
    private static StatusCode FromHttp(int status) => status switch
    {
        400 => StatusCode.Internal,
        401 => StatusCode.Unauthenticated,
        403 => StatusCode.PermissionDenied,
        404 => StatusCode.Unimplemented,
        429 or 502 or 503 or 504 => StatusCode.Unavailable,
        _ => StatusCode.Unknown,
    };
}
