namespace Inference.Rpc.Client;

/// <summary>What HttpClient throws, as a status.</summary>
internal static class TransportError
{
    public static RpcException ToRpcException(Exception e)
    {
        for (Exception? cause = e; cause != null; cause = cause.InnerException)
        {
            if (cause is HttpProtocolException reset)
                return new(FromReset(reset.ErrorCode), $"the stream was reset: {reset.Message}", [], new(), e);
        }
        bool connecting = e is HttpRequestException
        {
            HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError
                or HttpRequestError.SecureConnectionError or HttpRequestError.VersionNegotiationError
                or HttpRequestError.ProxyTunnelError,
        };
        bool transport = e is HttpRequestException or IOException or OperationCanceledException or ObjectDisposedException;
        return new(transport ? StatusCode.Unavailable : StatusCode.Internal, Describe(e), [], new(), e) { RequestNotSent = connecting };
    }

    private static string Describe(Exception e) =>
        e.InnerException is { } inner && !e.Message.Contains(inner.Message, StringComparison.Ordinal) ? $"{e.Message} ({inner.Message})" : e.Message;

    /// <summary>The table "Errors" of https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md.</summary>
    private static StatusCode FromReset(long http2Error) => http2Error switch
    {
        7 => StatusCode.Unavailable,
        8 => StatusCode.Cancelled,
        11 => StatusCode.ResourceExhausted,
        12 => StatusCode.PermissionDenied,
        _ => StatusCode.Internal,
    };
}
