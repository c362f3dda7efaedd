using System.Text.Json;

namespace Inference.Jobs;

/// <summary>A job to be done.</summary>
public sealed record JobSubmission
{
    /// <summary>Longest tenant, kind, submit key and slot kind, in characters.</summary>
    public const int MaxNameLength = 200;

    /// <summary>Longest payload, in characters.</summary>
    public const int MaxPayloadLength = 1 << 20;

    /// <summary>Priorities lie between this and its negative.</summary>
    public const int MaxPriority = 1_000;

    /// <summary>What kind of job: chooses the worker's handler.</summary>
    public required string Kind { get; init; }

    /// <summary>Whose job.</summary>
    public string Tenant { get; init; } = "";

    /// <summary>The handler's input as JSON.</summary>
    public string Payload { get; init; } = "{}";

    /// <summary>
    /// Makes the submission idempotent: the same key of the same tenant gives the same job. Null stands for a key of its own.
    /// </summary>
    public string? SubmitKey { get; init; }

    /// <summary>Higher runs sooner; waiting raises it, one level per <see cref="JobStoreOptions.PriorityAging"/>.</summary>
    public int Priority { get; init; }

    /// <summary>The kind of slot it needs ("cpu", "gpu").</summary>
    public string SlotKind { get; init; } = "cpu";

    /// <summary>Not to be started before this; null for at once.</summary>
    public DateTimeOffset? DueAt { get; init; }

    /// <summary>Starts as <see cref="JobState.Validating"/>, until <see cref="IJobStore.AcceptAsync"/> or <see cref="IJobStore.RejectAsync"/>.</summary>
    public bool NeedsValidation { get; init; }

    /// <summary>Checks every field.</summary>
    /// <exception cref="ArgumentException">Names the field, the limit and the value.</exception>
    internal void Check()
    {
        CheckName(nameof(Kind), Kind, least: 1);
        CheckName(nameof(Tenant), Tenant, least: 0);
        CheckName(nameof(SlotKind), SlotKind, least: 1);
        if (SubmitKey is not null)
            CheckName(nameof(SubmitKey), SubmitKey, least: 1);
        if (Math.Abs((long)Priority) > MaxPriority)
            throw new ArgumentException($"{nameof(Priority)} is {Priority}; it must lie between {-MaxPriority} and {MaxPriority}");
        if (Payload.Length > MaxPayloadLength)
            throw new ArgumentException($"{nameof(Payload)} has {Payload.Length} characters; at most {MaxPayloadLength} are allowed");
        CheckJson(nameof(Payload), Payload);
    }

    /// <summary>Checks that a text is JSON.</summary>
    internal static void CheckJson(string field, string text)
    {
        try
        {
            JsonDocument.Parse(text).Dispose();
        }
        catch (JsonException e)
        {
            throw new ArgumentException($"{field} is no JSON: {e.Message}", e);
        }
    }

    private static void CheckName(string field, string value, int least)
    {
        if (value.Length < least || value.Length > MaxNameLength || value.Contains('\0'))
            throw new ArgumentException($"{field} has {value.Length} characters; {least} to {MaxNameLength} without NUL are allowed");
    }
}
