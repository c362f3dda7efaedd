using Inference.TestSupport;

namespace Inference.EndToEnd.Tests;

/// <summary>A test of the bundled demo model, skipped while it is not there.</summary>
internal sealed class DemoFactAttribute : FactAttribute
{
    /// <summary>The model's directory.</summary>
    public static string Path { get; } = System.IO.Path.Combine(SharedData.RepositoryRoot, "models", "demo");

    public DemoFactAttribute()
    {
        if (!File.Exists(System.IO.Path.Combine(Path, "model.safetensors")))
        {
            Skip = "models/demo has no weights";
        }
    }
}
