namespace Inference.Jobs;

/// <summary>The right to write for a job: whoever claimed it last has its highest epoch.</summary>
public readonly record struct LeaseId(long JobId, long Epoch);
