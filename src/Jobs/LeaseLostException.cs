namespace Inference.Jobs;

/// <summary>The job is no longer the caller's: its lease expired and was taken back, or the job ended. Nothing was written.</summary>
public sealed class LeaseLostException(LeaseId lease)
    : Exception($"job {lease.JobId} is no longer held at epoch {lease.Epoch}")
{
    /// <summary>The lease that is gone.</summary>
    public LeaseId Lease { get; } = lease;
}
