using Xunit;

namespace Inference.TestSupport;

/// <summary>A test that needs shared data, skipped where it is absent.</summary>
public sealed class SharedDataFactAttribute : FactAttribute
{
    /// <summary>Needs a file or directory of the shared data.</summary>
    public SharedDataFactAttribute(string relativePath)
    {
        if (SharedData.Find(relativePath) is null)
        {
            Skip = $"../shared/data/{relativePath} is absent";
        }
    }
}
