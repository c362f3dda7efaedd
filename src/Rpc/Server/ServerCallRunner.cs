using Google.Protobuf.Reflection;
using Inference.Rpc.Wire;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace Inference.Rpc.Server;

/// <summary>One method's calls: checks the request, keeps the deadline, runs the handler, ends with a status.</summary>
internal sealed class ServerCallRunner(
    MethodDescriptor method, Func<ServerCall, Task> handler, Func<Exception, RpcException?> errorStatus, RpcServerOptions options,
    TimeProvider time, ILogger logger, CancellationToken serverStopping)
{
    private static readonly TimeSpan LongestTimer = TimeSpan.FromMilliseconds(uint.MaxValue - 1);

    public async Task RunAsync(HttpContext http)
    {
        if (await RefuseProtocolAsync(http))
            return;
        Unlimit(http);
        http.Response.ContentType = Headers.ContentType;
        http.Response.Headers[Headers.AcceptEncoding] = Headers.AcceptedEncodings;
        if (FindRequestError(http, out TimeSpan? timeout) is { } refusal)
        {
            await RpcErrorResponse.WriteAsync(http, refusal, method);
            return;
        }

        RpcCallFeature feature = new() { Path = http.Request.Path.Value ?? "", Method = method };
        http.Features.Set(feature);
        using CancellationTokenSource deadline = timeout < LongestTimer ? new(timeout.Value, time) : new();
        using var cancellation = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, deadline.Token);
        ServerCall call = null!;
        call = new(http, options, feature, cancellation)
        {
            Context = new(
                http, method, timeout < DateTimeOffset.MaxValue - time.GetUtcNow() ? time.GetUtcNow() + timeout : null, time,
                cancellation.Token, serverStopping, () => call.FlushAsync())
            { CompressResponse = options.CompressResponses },
        };
        RpcException? error = await InvokeAsync(call, deadline.Token);
        feature.StatusCode = error?.StatusCode ?? StatusCode.Ok;
        feature.StatusMessage = error?.Message;
        if (error != null)
            RpcServerLog.CallFailed(logger, feature.Path, error.StatusCode, error.Message);
        if (!call.CallerLeft && !http.RequestAborted.IsCancellationRequested)
            await EndAsync(http, call, error);
    }

    private async Task<RpcException?> InvokeAsync(ServerCall call, CancellationToken deadline)
    {
        try
        {
            call.Context.CancellationToken.ThrowIfCancellationRequested();
            await handler(call);
            return null;
        }
        catch (RpcException e)
        {
            return e;
        }
        catch (Exception e) when (errorStatus(e) is { } known)
        {
            return known;
        }
        catch (Exception) when (deadline.IsCancellationRequested)
        {
            return new(StatusCode.DeadlineExceeded, "the deadline passed");
        }
        catch (Exception) when (call.CallerLeft || call.Context.HttpContext.RequestAborted.IsCancellationRequested)
        {
            return new(StatusCode.Cancelled, "the caller cancelled");
        }
        catch (OperationCanceledException)
        {
            return new(StatusCode.Cancelled, "the call was cancelled on the server");
        }
        catch (Exception e) when (e is ConnectionResetException or BadHttpRequestException)
        {
            return new(StatusCode.Cancelled, "the request ended early");
        }
        catch (Exception e)
        {
            RpcServerLog.HandlerFailed(logger, call.Context.HttpContext.Request.Path.Value ?? "", e);
            return new(StatusCode.Internal, "internal error; the server's log has the cause");
        }
    }

    private static async Task EndAsync(HttpContext http, ServerCall call, RpcException? error)
    {
        if (call.HasUnsentMessages && !call.OutputStalled)
            await Task.WhenAny(call.FlushAsync());
        if (call.OutputStalled)
        {
            await call.StopOutputAsync();
            return;
        }
        IEnumerable<KeyValuePair<string, string>> trailers = [.. call.Context.ResponseTrailers, .. error?.Trailers ?? []];
        if (http.Response.HasStarted)
        {
            RpcErrorResponse.AppendTrailers(error, trailers, (name, value) => http.Response.AppendTrailer(name, value));
            return;
        }
        http.Response.Headers.Remove(Headers.Encoding);
        call.AppendResponseHeaders();
        RpcErrorResponse.AppendTrailers(error, trailers, (name, value) => http.Response.Headers.Append(name, value));
    }

    private static async Task<bool> RefuseProtocolAsync(HttpContext http)
    {
        if (!http.Request.IsGrpcRequest())
        {
            await RpcErrorResponse.WriteHttpErrorAsync(
                http, StatusCodes.Status415UnsupportedMediaType, StatusCode.Internal,
                $"content-type is '{http.Request.ContentType}'; {Headers.ContentType} is served here");
            return true;
        }
        if (!HttpProtocol.IsHttp2(http.Request.Protocol) && !HttpProtocol.IsHttp3(http.Request.Protocol))
        {
            await RpcErrorResponse.WriteHttpErrorAsync(
                http, StatusCodes.Status426UpgradeRequired, StatusCode.Internal, $"{http.Request.Protocol}: gRPC needs HTTP/2");
            return true;
        }
        return false;
    }

    /// <summary>Streams may be long, slow and idle: sizes are limited per message, time by deadlines.</summary>
    private static void Unlimit(HttpContext http)
    {
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
            size.MaxRequestBodySize = null;
        if (http.Features.Get<Microsoft.AspNetCore.Server.Kestrel.Core.Features.IHttpMinRequestBodyDataRateFeature>() is { } rate)
            rate.MinDataRate = null;
    }

    private static RpcException? FindRequestError(HttpContext http, out TimeSpan? timeout)
    {
        timeout = null;
        if (!http.Request.Headers.TE.ToString().Contains("trailers", StringComparison.OrdinalIgnoreCase))
            return new(StatusCode.Internal, "the header 'te: trailers' is missing: something on the way may drop trailers");
        string? encoding = http.Request.Headers[Headers.Encoding];
        if (encoding is not (null or Headers.Identity or Headers.Gzip))
        {
            return new(
                StatusCode.Unimplemented, $"grpc-encoding '{encoding}' is not known; {Headers.AcceptedEncodings} are accepted");
        }
        string? text = http.Request.Headers[Headers.Timeout];
        if (text == null)
            return null;
        if (!TimeoutText.TryParse(text, out TimeSpan parsed))
            return new(StatusCode.Internal, $"grpc-timeout '{text}' is not one to eight digits and a unit of H, M, S, m, u, n");
        timeout = parsed;
        return parsed <= TimeSpan.Zero ? new(StatusCode.DeadlineExceeded, "the deadline passed before the call came") : null;
    }
}
