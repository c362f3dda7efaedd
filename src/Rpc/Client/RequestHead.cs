using System.Net;
using Inference.Rpc.Wire;

namespace Inference.Rpc.Client;

/// <summary>A call's request line and headers.</summary>
internal static class RequestHead
{
    private static readonly string UserAgent = $"grpc-csharp-inference/{typeof(RequestHead).Assembly.GetName().Version?.ToString(3)}";

    public static HttpRequestMessage Create(Uri uri, CallOptions options, bool compress, HttpContent content)
    {
        HttpRequestMessage request = new(HttpMethod.Post, uri)
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = content,
        };
        content.Headers.TryAddWithoutValidation("content-type", Headers.ContentType);
        request.Headers.TryAddWithoutValidation("te", "trailers");
        request.Headers.TryAddWithoutValidation("user-agent", UserAgent);
        request.Headers.TryAddWithoutValidation(Headers.AcceptEncoding, Headers.AcceptedEncodings);
        if (compress)
            request.Headers.TryAddWithoutValidation(Headers.Encoding, Headers.Gzip);
        if (options.Timeout is { } timeout)
            request.Headers.TryAddWithoutValidation(Headers.Timeout, TimeoutText.Format(timeout));
        foreach (var (name, value) in options.Headers ?? new())
            request.Headers.TryAddWithoutValidation(name, value);
        return request;
    }
}
