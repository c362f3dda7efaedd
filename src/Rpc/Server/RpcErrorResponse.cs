using System.Globalization;
using Google.Protobuf.Reflection;
using Inference.Rpc.Wire;
using Microsoft.AspNetCore.Http;

namespace Inference.Rpc.Server;

/// <summary>Ends a call with a status from outside its handler, for instance from middleware that refuses it.</summary>
public static class RpcErrorResponse
{
    /// <summary>Whether a request speaks gRPC.</summary>
    public static bool IsGrpcRequest(this HttpRequest request) => Headers.IsGrpc(request.ContentType);

    /// <summary>Writes the failure as a response without messages. Nothing may have been sent yet.</summary>
    public static Task WriteRpcErrorAsync(this HttpContext http, RpcException error) => WriteAsync(http, error, null);

    internal static Task WriteAsync(HttpContext http, RpcException error, MethodDescriptor? method)
    {
        RpcCallFeature? feature = http.Features.Get<RpcCallFeature>();
        if (feature == null)
            http.Features.Set(feature = new() { Path = http.Request.Path.Value ?? "", Method = method });
        feature.StatusCode = error.StatusCode;
        feature.StatusMessage = error.Message;
        http.Response.StatusCode = StatusCodes.Status200OK;
        http.Response.ContentType = Headers.ContentType;
        http.Response.ContentLength = null;
        AppendTrailers(error, error.Trailers, (name, value) => http.Response.Headers.Append(name, value));
        return http.Response.CompleteAsync();
    }

    internal static void AppendTrailers(RpcException? error, IEnumerable<KeyValuePair<string, string>> trailers, Action<string, string> append)
    {
        StatusText.Write(error, append);
        foreach (var (name, value) in trailers)
            append(name, value);
    }

    internal static async Task WriteHttpErrorAsync(HttpContext http, int httpStatus, StatusCode status, string message)
    {
        http.Response.StatusCode = httpStatus;
        http.Response.Headers[Headers.Status] = ((int)status).ToString(CultureInfo.InvariantCulture);
        http.Response.Headers[Headers.Message] = PercentText.Encode(message);
        await http.Response.CompleteAsync();
    }
}
