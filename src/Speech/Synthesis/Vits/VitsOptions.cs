using Inference.Speech.Synthesis.Espeak;

namespace Inference.Speech.Synthesis.Vits;

/// <summary>How VITS voices speak.</summary>
public sealed record VitsOptions
{
    /// <summary>Seed of the noise. Each sentence has the same noise always, so that it sounds the same when it is said again.</summary>
    public int Seed { get; init; }

    /// <summary>Seconds of audio of short sentences that are kept to be said again.</summary>
    public int CachedSeconds { get; init; } = 120;

    /// <summary>The processes that make phonemes.</summary>
    public EspeakOptions Espeak { get; init; } = new() { MaxProcesses = 1 };
}
