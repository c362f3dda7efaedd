namespace Inference.Speech.Synthesis;

/// <summary>What to say, and how.</summary>
public sealed record SpeechRequest
{
    /// <summary>The longest text, in UTF-16 code units, markup included.</summary>
    public const int MaxTextLength = 1 << 20;

    /// <summary>The slowest and fastest speech, and the same for pitch.</summary>
    public const float MinFactor = 0.25f, MaxFactor = 4;

    /// <summary>Plain text, or an SSML document when <see cref="IsSsml"/>.</summary>
    public required string Text { get; init; }

    /// <summary>Whether the text is SSML: break, prosody, emphasis, say-as, phoneme, sub, mark, p, s.</summary>
    public bool IsSsml { get; init; }

    /// <summary>A voice's name; null: the default of <see cref="Language"/>.</summary>
    public string? Voice { get; init; }

    /// <summary>BCP 47, matched from exact to general; null: the voice's, or English.</summary>
    public string? Language { get; init; }

    /// <summary>Speed: 1 is the voice's own, 2 twice as fast. 0.25 to 4.</summary>
    public float Rate { get; init; } = 1;

    /// <summary>Pitch as a factor of frequency, 0.25 to 4. Voices of neural models take no pitch and keep their own.</summary>
    public float Pitch { get; init; } = 1;

    /// <summary>Loudness as a factor of amplitude, 0 to 2.</summary>
    public float Volume { get; init; } = 1;

    /// <summary>A preset of <see cref="SpeechEmotions"/> that multiplies rate, pitch and volume; null is neutral.</summary>
    public string? Emotion { get; init; }
}
