namespace Inference.Jobs;

/// <summary>Part of a list of jobs, newest first.</summary>
/// <param name="Jobs">At most as many as asked for.</param>
/// <param name="Next">The next page's <see cref="JobFilter.Before"/>, or null on the last page.</param>
public sealed record JobPage(IReadOnlyList<Job> Jobs, long? Next);
