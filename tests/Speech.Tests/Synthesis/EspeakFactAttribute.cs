namespace Inference.Speech.Tests.Synthesis;

/// <summary>Skipped where espeak-ng is not installed: tests/install does it.</summary>
public sealed class EspeakFactAttribute : FactAttribute
{
    public EspeakFactAttribute()
    {
        if (!IsInstalled) Skip = "libespeak-ng1 is not installed: run tests/install";
    }

    internal static bool IsInstalled { get; } =
        Directory.Exists("/usr/lib") && Directory.EnumerateDirectories("/usr/lib", "*-linux-gnu").Any(d => File.Exists(Path.Combine(d, "libespeak-ng.so.1")));
}
