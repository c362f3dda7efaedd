using System.Text.Json.Nodes;

namespace Inference.Interop;

/// <summary>What a client of another make saw; "-bin" metadata in base64.</summary>
internal sealed record InteropResult(
    IReadOnlyList<JsonObject> Messages, int Status, string Message,
    IReadOnlyDictionary<string, string> Headers, IReadOnlyDictionary<string, string> Trailers);
