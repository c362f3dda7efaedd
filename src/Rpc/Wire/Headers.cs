namespace Inference.Rpc.Wire;

/// <summary>Names and fixed values of the protocol: https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md.</summary>
internal static class Headers
{
    public const string Status = "grpc-status";
    public const string Message = "grpc-message";
    public const string StatusDetails = "grpc-status-details-bin";
    public const string Timeout = "grpc-timeout";
    public const string Encoding = "grpc-encoding";
    public const string AcceptEncoding = "grpc-accept-encoding";
    public const string Identity = "identity";
    public const string Gzip = "gzip";
    public const string AcceptedEncodings = "identity,gzip";
    public const string ContentType = "application/grpc";

    /// <summary>application/grpc, also with "+proto" or parameters; not application/grpc-web.</summary>
    public static bool IsGrpc(string? contentType) =>
        contentType != null && contentType.StartsWith(ContentType, StringComparison.OrdinalIgnoreCase)
        && (contentType.Length == ContentType.Length || contentType[ContentType.Length] is '+' or ';');

    /// <summary>Whether a received header is the caller's, not the protocol's.</summary>
    public static bool IsMetadata(string name) =>
        name.Length > 0 && name[0] != ':'
        && name.ToLowerInvariant() is not (Status or Message or StatusDetails or Timeout or Encoding or AcceptEncoding
            or "content-type" or "content-length" or "te" or "host");
}
