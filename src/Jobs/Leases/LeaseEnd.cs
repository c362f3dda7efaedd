namespace Inference.Jobs;

/// <summary>Why a worker is to stop working on a job.</summary>
public enum LeaseEnd
{
    /// <summary>It is not: the lease is held.</summary>
    None,

    /// <summary>The worker leaves: save a checkpoint, hand the job back.</summary>
    Shutdown,

    /// <summary>Somebody asked to pause the job: save a checkpoint, hand it back.</summary>
    PauseRequested,

    /// <summary>Somebody asked to cancel the job: stop.</summary>
    CancelRequested,

    /// <summary>The lease is lost, or so near its end that it may be: stop at once, nothing written from now on counts.</summary>
    Lost,
}
