using System.Globalization;

namespace Inference.Rpc.Tests;

internal sealed record RawResponse(
    int HttpStatus, byte[] Body, IReadOnlyDictionary<string, string> Headers, IReadOnlyDictionary<string, string> Trailers)
{
    /// <summary>The response had no body and no trailers: its status stands in the headers.</summary>
    public bool IsTrailersOnly => Headers.ContainsKey("grpc-status");

    public StatusCode Status => (StatusCode)int.Parse(Find("grpc-status"), CultureInfo.InvariantCulture);

    public string Message => Uri.UnescapeDataString(Find("grpc-message"));

    private string Find(string name) => Headers.TryGetValue(name, out string? value) ? value : Trailers.GetValueOrDefault(name, "");
}
