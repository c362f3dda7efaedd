namespace Inference.Hosting.Tests;

/// <summary>A test that needs a program; without it in PATH the test is skipped and says so.</summary>
internal sealed class ProgramFactAttribute : FactAttribute
{
    public ProgramFactAttribute(string program)
    {
        string[] directories = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        if (!directories.Any(d => File.Exists(Path.Combine(d, program))))
        {
            Skip = $"{program} is not installed";
        }
    }
}
