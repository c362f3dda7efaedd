namespace Inference.Jobs;

/// <summary>A point from which a job can go on. The files lie elsewhere; this is the pointer to them.</summary>
/// <param name="Step">Step of the job, from 1.</param>
/// <param name="Location">Where the files lie.</param>
/// <param name="Data">Details as JSON (hashes, losses).</param>
/// <param name="Epoch">The lease that wrote it.</param>
/// <param name="At">By the database's clock.</param>
public sealed record JobCheckpoint(long Step, string Location, string Data, long Epoch, DateTimeOffset At);
