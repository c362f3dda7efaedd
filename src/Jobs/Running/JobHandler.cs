namespace Inference.Jobs;

/// <summary>
/// Does a job. It may run again, from the last checkpoint, after any of its lines: what it writes elsewhere belongs under a name with the
/// lease's epoch, and counts only through what it returns.
/// </summary>
/// <param name="lease">The job, and where to report.</param>
/// <param name="stopping">
/// Fires when it is to stop (<see cref="JobLease.End"/>). Then it throws OperationCanceledException, after a checkpoint if there is time.
/// </param>
/// <returns>Where the result lies.</returns>
/// <exception cref="JobFailedException">How it failed.</exception>
public delegate Task<string> JobHandler(JobLease lease, CancellationToken stopping);
