using Inference.Interop;
using Inference.TestSupport;

namespace Inference.EndToEnd.Tests;

/// <summary>A test that speaks with espeak-ng to the bundled models, skipped where it or they are missing.</summary>
internal sealed class SpokenFactAttribute : FactAttribute
{
    /// <param name="client">A client that is needed: "grpc-js", "openai"; or none.</param>
    public SpokenFactAttribute(string? client = null) =>
        Skip = new DemoFactAttribute().Skip ?? CommandLineTool.Missing(["espeak-ng"]) ?? (client is null ? null : new InteropFactAttribute(client).Skip);
}
