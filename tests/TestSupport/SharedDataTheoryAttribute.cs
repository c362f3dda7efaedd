using Xunit;

namespace Inference.TestSupport;

/// <summary>A theory that needs shared data, skipped where it is absent.</summary>
public sealed class SharedDataTheoryAttribute : TheoryAttribute
{
    /// <summary>Needs a file or directory of the shared data.</summary>
    public SharedDataTheoryAttribute(string relativePath)
    {
        if (SharedData.Find(relativePath) is null)
        {
            Skip = $"../shared/data/{relativePath} is absent";
        }
    }
}
