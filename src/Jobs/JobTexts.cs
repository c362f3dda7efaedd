namespace Inference.Jobs;

/// <summary>States and failure kinds as texts: in the database, in events, for clients.</summary>
public static class JobTexts
{
    private static readonly Dictionary<JobState, string> States =
        Enum.GetValues<JobState>().ToDictionary(s => s, s => s.ToString().ToLowerInvariant());

    private static readonly Dictionary<FailureKind, string> Failures = new()
    {
        [FailureKind.Infrastructure] = "infrastructure",
        [FailureKind.Transient] = "transient",
        [FailureKind.OutOfMemory] = "out_of_memory",
        [FailureKind.UserError] = "user_error",
        [FailureKind.LeaseExpired] = "lease_expired",
    };

    /// <summary>"queued", "running", ...</summary>
    public static string ToText(this JobState state) => States[state];

    /// <summary>"infrastructure", "out_of_memory", ...</summary>
    public static string ToText(this FailureKind kind) => Failures[kind];

    /// <summary>The state of a text.</summary>
    /// <exception cref="FormatException">No state is named so.</exception>
    public static JobState ParseState(string text) => Parse(States, text, "job state");

    /// <summary>The failure kind of a text.</summary>
    /// <exception cref="FormatException">No kind is named so.</exception>
    public static FailureKind ParseFailureKind(string text) => Parse(Failures, text, "failure kind");

    private static T Parse<T>(Dictionary<T, string> texts, string text, string what)
        where T : notnull
    {
        foreach ((T value, string name) in texts)
        {
            if (name == text)
                return value;
        }

        throw new FormatException($"'{text}' is no {what}; known are {string.Join(", ", texts.Values)}");
    }
}
