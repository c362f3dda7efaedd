namespace Inference.Speech.VoiceActivity;

/// <summary>
/// When an utterance begins and ends: a share of the frames in a window must be speech, or not. Riva's six knobs with a second
/// of room before the end, in two passes: the first says that the utterance is probably over, the second that it is.
/// </summary>
public sealed record EndpointingOptions
{
    /// <summary>The probability from which a frame is speech. Above 0, below 1.</summary>
    public float Threshold { get; init; } = 0.5f;

    /// <summary>Window that decides the beginning. 32 ms to 10 s.</summary>
    public TimeSpan StartHistory { get; init; } = TimeSpan.FromMilliseconds(192);

    /// <summary>Share of its frames that must be speech. Above 0, at most 1.</summary>
    public float StartThreshold { get; init; } = 0.5f;

    /// <summary>Window that decides the end. 32 ms to 10 s.</summary>
    public TimeSpan StopHistory { get; init; } = TimeSpan.FromMilliseconds(800);

    /// <summary>Share of its frames that must not be speech. Above 0, at most 1.</summary>
    public float StopThreshold { get; init; } = 0.95f;

    /// <summary>Window of the first pass; shorter than <see cref="StopHistory"/>, else there is no first pass.</summary>
    public TimeSpan StopHistoryFirstPass { get; init; } = TimeSpan.FromMilliseconds(320);

    /// <summary>Share of its frames that must not be speech.</summary>
    public float StopThresholdFirstPass { get; init; } = 0.95f;

    /// <summary>Audio before the beginning that belongs to the utterance. 0 to 10 s.</summary>
    public TimeSpan Padding { get; init; } = TimeSpan.FromMilliseconds(224);

    /// <summary>An utterance that lasts longer is ended. 1 s to 10 minutes.</summary>
    public TimeSpan LongestUtterance { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>What is wrong with it, or null.</summary>
    public string? Fault =>
        Check(nameof(Threshold), Threshold, Threshold < 1) ?? Check(nameof(StartThreshold), StartThreshold) ?? Check(nameof(StopThreshold), StopThreshold)
        ?? Check(nameof(StopThresholdFirstPass), StopThresholdFirstPass) ?? Check(nameof(StartHistory), StartHistory, 0.032, 10)
        ?? Check(nameof(StopHistory), StopHistory, 0.032, 10) ?? Check(nameof(StopHistoryFirstPass), StopHistoryFirstPass, 0, 10)
        ?? Check(nameof(Padding), Padding, 0, 10) ?? Check(nameof(LongestUtterance), LongestUtterance, 1, 600);

    private static string? Check(string name, float share, bool more = true) =>
        share is > 0 and <= 1 && more ? null : $"{name} must be above 0 and at most 1, not {share}";

    private static string? Check(string name, TimeSpan time, double least, double most) =>
        time.TotalSeconds >= least && time.TotalSeconds <= most ? null : $"{name} must be {least} to {most} s, not {time.TotalSeconds}";
}
