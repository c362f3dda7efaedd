using Inference.Hosting.OpenAi;
using Inference.Rpc;
using Inference.Rpc.Server;
using Microsoft.AspNetCore.Http;

namespace Inference.Hosting.Requests;

/// <summary>An answer given before a request reaches its handler, in the caller's protocol: a gRPC status or an error in OpenAI's shape.</summary>
/// <param name="HttpStatus">Status of an HTTP call.</param>
/// <param name="GrpcStatus">Status of a gRPC call.</param>
/// <param name="Type">OpenAI's error type.</param>
/// <param name="Code">OpenAI's error code.</param>
/// <param name="Message">For people.</param>
internal sealed record Refusal(int HttpStatus, StatusCode GrpcStatus, string Type, string Code, string Message)
{
    /// <summary>No key or a wrong one.</summary>
    public static readonly Refusal Unauthenticated = new(StatusCodes.Status401Unauthorized, StatusCode.Unauthenticated, "authentication_error", "invalid_api_key",
        "this server needs an API key: send it as \"authorization: Bearer KEY\"");

    /// <summary>The server shuts down.</summary>
    public static readonly Refusal Draining = new(StatusCodes.Status503ServiceUnavailable, StatusCode.Unavailable, "server_error", "draining",
        "the server is shutting down and takes no new requests");

    /// <summary>Writes the answer.</summary>
    public async Task WriteAsync(HttpContext context)
    {
        if (context.Request.IsGrpcRequest())
        {
            await context.WriteRpcErrorAsync(new RpcException(GrpcStatus, Message));
            return;
        }

        await new OpenAiError(HttpStatus, Message, Type, null, Code).WriteAsync(context.Response);
    }
}
