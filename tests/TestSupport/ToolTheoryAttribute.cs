using Xunit;

namespace Inference.TestSupport;

/// <summary>A theory that needs programs on the PATH; tests/install installs them.</summary>
public sealed class ToolTheoryAttribute : TheoryAttribute
{
    public ToolTheoryAttribute(params string[] programs) => Skip = CommandLineTool.Missing(programs);
}
