using Xunit;

namespace Inference.TestSupport;

/// <summary>A fact that needs programs on the PATH; tests/install installs them.</summary>
public sealed class ToolFactAttribute : FactAttribute
{
    public ToolFactAttribute(params string[] programs) => Skip = CommandLineTool.Missing(programs);
}
