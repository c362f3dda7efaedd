using System.Buffers.Binary;
using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using Google.Protobuf;

namespace Inference.Rpc.Tests;

/// <summary>Requests that a well-behaved client would not send.</summary>
internal sealed class RawGrpc(Uri address) : IDisposable
{
    private readonly HttpClient _http = new(new SocketsHttpHandler()) { BaseAddress = address };

    public static byte[] Frame(IMessage message) => Frame(0, message.ToByteArray());

    public static byte[] Frame(byte flag, byte[] payload, int? length = null)
    {
        byte[] frame = new byte[payload.Length + 5];
        frame[0] = flag;
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(1), length ?? payload.Length);
        payload.CopyTo(frame, 5);
        return frame;
    }

    public static byte[] Gzip(byte[] bytes)
    {
        using MemoryStream deflated = new();
        using (GZipStream gzip = new(deflated, CompressionLevel.SmallestSize))
            gzip.Write(bytes);
        return deflated.ToArray();
    }

    /// <summary>Headers given here replace the usual ones; an empty value leaves the header out.</summary>
    public async Task<RawResponse> PostAsync(string path, byte[] body, params (string Name, string Value)[] headers)
    {
        using HttpResponseMessage response = await OpenAsync(path, body, headers);
        byte[] answer = await response.Content.ReadAsByteArrayAsync();
        return new(
            (int)response.StatusCode, answer,
            response.Headers.NonValidated.ToDictionary(h => h.Key.ToLowerInvariant(), h => h.Value.ToString()),
            response.TrailingHeaders.NonValidated.ToDictionary(h => h.Key.ToLowerInvariant(), h => h.Value.ToString()));
    }

    /// <summary>As <see cref="PostAsync"/>, with the body still to be read.</summary>
    public async Task<HttpResponseMessage> OpenAsync(string path, byte[] body, params (string Name, string Value)[] headers)
    {
        HttpRequestMessage request = new(HttpMethod.Post, path)
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent(body),
        };
        Dictionary<string, string> all = new() { ["te"] = "trailers", ["content-type"] = "application/grpc" };
        foreach (var (name, value) in headers)
            all[name] = value;
        foreach (var (name, value) in all.Where(h => h.Value.Length > 0))
        {
            HttpHeaders target = name == "content-type" ? request.Content.Headers : request.Headers;
            Assert.True(target.TryAddWithoutValidation(name, value));
        }
        return await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }

    public void Dispose() => _http.Dispose();
}
