namespace Inference.Speech.VoiceActivity;

/// <summary>What a frame changes.</summary>
public enum Endpoint
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>An utterance has begun.</summary>
    Started,

    /// <summary>The utterance is probably over: the first pass.</summary>
    ProbablyEnded,

    /// <summary>It goes on after all.</summary>
    Resumed,

    /// <summary>The utterance is over.</summary>
    Ended,
}
