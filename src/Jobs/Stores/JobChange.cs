using System.Text.Json.Nodes;

namespace Inference.Jobs.Stores;

/// <summary>The event that tells of a change of a job.</summary>
internal static class JobChange
{
    /// <summary>What happened between two readings of a job's row; null if it is nothing that anybody watches.</summary>
    public static NewJobEvent? Describe(Job? before, Job after)
    {
        if (before is null || before.State != after.State || before.Epoch != after.Epoch)
            return new NewJobEvent("job." + after.State.ToText(), Message(before, after), Data(before, after).ToJsonString());
        if (after.CancelRequested && !before.CancelRequested)
            return new NewJobEvent("job.cancel_requested", "asked to cancel");
        if (after.PauseRequested != before.PauseRequested)
            return after.PauseRequested
                ? new NewJobEvent("job.pause_requested", "asked to pause")
                : new NewJobEvent("job.resume_requested", "no longer asked to pause");
        return null;
    }

    private static string Message(Job? before, Job after)
    {
        string failure = FailureOf(before, after) is { } f ? $": {f.Kind.ToText()}: {f.Message}" : "";
        return after.State switch
        {
            JobState.Running => $"attempt {after.Attempt} by {after.Worker} on {after.Node}, {after.SlotKind} slot {after.Slot}",
            JobState.Queued when failure.Length > 0 => $"attempt {after.Attempt} failed, queued again{failure}",
            JobState.Queued when before?.State == JobState.Running => "handed back, queued again",
            _ => after.State.ToText() + failure,
        };
    }

    private static JsonObject Data(Job? before, Job after)
    {
        JsonObject data = new() { ["epoch"] = after.Epoch, ["attempt"] = after.Attempt };
        if (FailureOf(before, after) is { } failure)
            data["failure"] = failure.Kind.ToText();
        if (after.State == JobState.Succeeded)
            data["result"] = after.Result;
        return data;
    }

    /// <summary>The failure, if this change is what brought it.</summary>
    private static JobFailure? FailureOf(Job? before, Job after) =>
        ReferenceEquals(before?.Failure, after.Failure) ? null : after.Failure;
}
