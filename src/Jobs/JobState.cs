namespace Inference.Jobs;

/// <summary>Where a job stands. <see cref="JobStateMachine"/> says what may follow what.</summary>
public enum JobState
{
    /// <summary>Submitted, its input not yet checked: nobody may claim it.</summary>
    Validating,

    /// <summary>Waits for its due time and a slot.</summary>
    Queued,

    /// <summary>A worker holds its lease.</summary>
    Running,

    /// <summary>Set aside until it is resumed.</summary>
    Paused,

    /// <summary>Ended; its result is published.</summary>
    Succeeded,

    /// <summary>Ended by a failure that a repetition would not mend.</summary>
    Failed,

    /// <summary>Ended on request.</summary>
    Cancelled,

    /// <summary>Ended after too many attempts without progress.</summary>
    Dead,
}
