namespace Inference.Jobs;

/// <summary>Why an attempt failed, which decides what happens next (<see cref="RetryPolicy"/>).</summary>
public enum FailureKind
{
    /// <summary>Something around the worker broke (storage, network, device). Tried again, spends no budget.</summary>
    Infrastructure,

    /// <summary>May pass by itself. Tried again after a growing pause, while attempts without progress are left.</summary>
    Transient,

    /// <summary>Too little memory. Tried once more, with <see cref="Job.MemoryReductions"/> as the hint to use less.</summary>
    OutOfMemory,

    /// <summary>The submission is at fault. Never tried again.</summary>
    UserError,

    /// <summary>The worker fell silent until its lease expired. Counts like <see cref="Transient"/>.</summary>
    LeaseExpired,
}
