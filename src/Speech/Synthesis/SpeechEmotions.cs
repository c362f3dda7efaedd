namespace Inference.Speech.Synthesis;

/// <summary>The presets.</summary>
public static class SpeechEmotions
{
    /// <summary>All of them; neutral first.</summary>
    public static IReadOnlyList<SpeechEmotion> All { get; } =
    [
        new("neutral", 1, 1, 1),
        new("happy", 1.08f, 1.12f, 1.05f),
        new("excited", 1.2f, 1.2f, 1.2f),
        new("strict", 0.95f, 0.9f, 1.15f),
        new("sulking", 0.85f, 0.9f, 0.8f),
        new("angry", 1.12f, 0.95f, 1.3f),
        new("shy", 0.9f, 1.08f, 0.7f),
        new("proud", 0.92f, 0.96f, 1.15f),
        new("teasing", 1.03f, 1.15f, 1),
        new("concerned", 0.88f, 0.95f, 0.9f),
    ];

    /// <summary>The preset of a name; null is neutral.</summary>
    /// <exception cref="SpeechRequestException">There is none.</exception>
    public static SpeechEmotion Find(string? name) =>
        name is null ? All[0]
        : All.FirstOrDefault(e => e.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
            ?? throw new SpeechRequestException("emotion", $"\"{name}\" is none of {string.Join(", ", All.Select(e => e.Name))}");
}
