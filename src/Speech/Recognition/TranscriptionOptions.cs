namespace Inference.Speech.Recognition;

/// <summary>What a caller asks of recognition.</summary>
public sealed record TranscriptionOptions
{
    /// <summary>ISO 639-1 code of the language spoken; null: it is found in the first 30 s.</summary>
    public string? Language { get; init; }

    /// <summary>Translate into English instead of transcribing.</summary>
    public bool Translate { get; init; }

    /// <summary>Text that came before, or a style to follow: spelling, names, punctuation. The last 223 tokens count.</summary>
    public string Prompt { get; init; } = "";

    /// <summary>Words to expect. They stand before the prompt, which makes the model prefer their spelling.</summary>
    public IReadOnlyList<string> HotWords { get; init; } = [];

    /// <summary>Find when each word was spoken.</summary>
    public bool WordTimes { get; init; }

    /// <summary>Temperatures to try in turn until a window's text passes the tests; 0 is the most probable token each time.</summary>
    public IReadOnlyList<float> Temperatures { get; init; } = [0, 0.2f, 0.4f, 0.6f, 0.8f, 1];

    /// <summary>Text whose zlib compression ratio is higher repeats itself: the next temperature is tried.</summary>
    public float MaxCompressionRatio { get; init; } = 2.4f;

    /// <summary>Text of a lower mean log-probability is doubted: the next temperature is tried.</summary>
    public float MinMeanLogProbability { get; init; } = -1;

    /// <summary>Above this probability of silence, doubted text is dropped.</summary>
    public float MaxNoSpeechProbability { get; init; } = 0.6f;

    /// <summary>The text of a window is the prompt of the next.</summary>
    public bool ConditionOnPreviousText { get; init; } = true;

    /// <summary>Seed of the draws at temperatures above 0.</summary>
    public int Seed { get; init; }
}
