using Inference.TestSupport;

namespace Inference.EndToEnd.Tests;

/// <summary>A test that speaks with espeak-ng to the bundled models, skipped where it or they are missing.</summary>
internal sealed class SpokenFactAttribute : FactAttribute
{
    public SpokenFactAttribute() => Skip = new DemoFactAttribute().Skip ?? CommandLineTool.Missing(["espeak-ng"]);
}
