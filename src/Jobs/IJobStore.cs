namespace Inference.Jobs;

/// <summary>
/// The queue. Each operation is one transaction; each may be repeated after a lost answer without a second effect, and repeats itself
/// for <see cref="JobStoreOptions.RetryFor"/> while the database cannot be reached. All times are the database's. Operations that take
/// a <see cref="LeaseId"/> change nothing and throw <see cref="LeaseLostException"/> unless the job runs at that epoch.
/// Safe from any thread.
/// </summary>
public interface IJobStore : IAsyncDisposable
{
    /// <summary>Adds a job, or finds the one that was submitted with the same key.</summary>
    /// <exception cref="ArgumentException">A field is out of its limits.</exception>
    /// <exception cref="SubmitKeyConflictException">The key belongs to a different submission.</exception>
    Task<Job> SubmitAsync(JobSubmission submission, CancellationToken cancellation = default);

    /// <summary>The job, or null.</summary>
    Task<Job?> FindAsync(long id, CancellationToken cancellation = default);

    /// <summary>A page of jobs, newest first.</summary>
    Task<JobPage> ListAsync(JobFilter filter, CancellationToken cancellation = default);

    /// <summary>A validating job is valid: it is queued. Repeating it changes nothing.</summary>
    /// <exception cref="JobNotFoundException">No such job.</exception>
    /// <exception cref="JobStateException">The job has ended.</exception>
    Task<Job> AcceptAsync(long id, CancellationToken cancellation = default);

    /// <summary>A validating job is at fault: it fails. Repeating it changes nothing.</summary>
    /// <exception cref="JobNotFoundException">No such job.</exception>
    /// <exception cref="JobStateException">The job was accepted, or has ended otherwise.</exception>
    Task<Job> RejectAsync(long id, string message, CancellationToken cancellation = default);

    /// <summary>Ends a job, or asks the worker that runs it to stop; from then on it cannot succeed. Repeating it changes nothing.</summary>
    /// <exception cref="JobNotFoundException">No such job.</exception>
    /// <exception cref="JobStateException">The job has ended otherwise.</exception>
    Task<Job> CancelAsync(long id, CancellationToken cancellation = default);

    /// <summary>Sets a queued job aside, or asks the worker that runs it to. Repeating it changes nothing.</summary>
    /// <exception cref="JobNotFoundException">No such job.</exception>
    /// <exception cref="JobStateException">The job is validating or has ended.</exception>
    Task<Job> PauseAsync(long id, CancellationToken cancellation = default);

    /// <summary>Queues a paused job again, or withdraws a request to pause. Repeating it changes nothing.</summary>
    /// <exception cref="JobNotFoundException">No such job.</exception>
    /// <exception cref="JobStateException">The job is validating or has ended.</exception>
    Task<Job> ResumeAsync(long id, CancellationToken cancellation = default);

    /// <summary>Queues a failed, cancelled or dead job again, from its last checkpoint and with a fresh budget.</summary>
    /// <exception cref="JobNotFoundException">No such job.</exception>
    /// <exception cref="JobStateException">The job is in another state.</exception>
    Task<Job> RetryAsync(long id, CancellationToken cancellation = default);

    /// <summary>Takes back expired leases, then gives the most urgent job that fits the slot.</summary>
    /// <returns>The job, running and with a new epoch; null when there is none or the slot is taken.</returns>
    Task<Job?> ClaimAsync(ClaimRequest request, CancellationToken cancellation = default);

    /// <summary>Takes back leases that have expired; claims do it by themselves.</summary>
    /// <returns>How many were taken back.</returns>
    Task<int> ReclaimExpiredAsync(CancellationToken cancellation = default);

    /// <summary>
    /// Extends a lease to so long from now. Blocks, on a connection of its own, so that neither a starved thread pool nor a busy
    /// connection pool can cost the lease. Does not repeat itself.
    /// </summary>
    HeartbeatReply Heartbeat(LeaseId lease, TimeSpan extension);

    /// <summary>Adds events.</summary>
    Task AppendEventsAsync(LeaseId lease, IReadOnlyList<NewJobEvent> events, CancellationToken cancellation = default);

    /// <summary>Writes metrics over those of the same key and step.</summary>
    Task UpsertMetricsAsync(LeaseId lease, IReadOnlyList<JobMetric> metrics, CancellationToken cancellation = default);

    /// <summary>
    /// Points to a checkpoint whose files are complete. A step above all before is progress: it restores the budget of attempts.
    /// </summary>
    Task RecordCheckpointAsync(LeaseId lease, long step, string location, string data = "{}", CancellationToken cancellation = default);

    /// <summary>Forgets a checkpoint, whose files are about to go; without effect where there is none. Progress stays.</summary>
    Task DeleteCheckpointAsync(LeaseId lease, long step, CancellationToken cancellation = default);

    /// <summary>Publishes the result: the one effect that a job has.</summary>
    /// <returns>The job: succeeded, or cancelled if that was asked for before.</returns>
    Task<Job> CompleteAsync(LeaseId lease, string result, CancellationToken cancellation = default);

    /// <summary>Ends the attempt by a failure.</summary>
    /// <returns>The job: queued, paused, failed, dead or cancelled.</returns>
    Task<Job> FailAsync(LeaseId lease, JobFailure failure, CancellationToken cancellation = default);

    /// <summary>Hands the job back unfinished, because the worker leaves or was asked to stop. Spends no budget.</summary>
    /// <returns>The job: queued, paused or cancelled.</returns>
    Task<Job> ReleaseAsync(LeaseId lease, CancellationToken cancellation = default);

    /// <summary>Events after a sequence number, oldest first.</summary>
    /// <param name="id">The job.</param>
    /// <param name="after">0 for all.</param>
    /// <param name="limit">Most events, 1 or more.</param>
    /// <param name="cancellation">Ends the wait.</param>
    Task<IReadOnlyList<JobEvent>> ListEventsAsync(long id, long after = 0, int limit = 500, CancellationToken cancellation = default);

    /// <summary>Events after a sequence number, then those to come, until the job has ended and all its events were seen.</summary>
    /// <exception cref="JobNotFoundException">No such job.</exception>
    IAsyncEnumerable<JobEvent> WatchAsync(long id, long after = 0, CancellationToken cancellation = default);

    /// <summary>Metrics of a step and of later ones, by key, then step.</summary>
    Task<IReadOnlyList<JobMetric>> ListMetricsAsync(long id, long fromStep = 0, CancellationToken cancellation = default);

    /// <summary>Checkpoints, oldest first.</summary>
    Task<IReadOnlyList<JobCheckpoint>> ListCheckpointsAsync(long id, CancellationToken cancellation = default);

    /// <summary>Jobs that ended so long ago or earlier, oldest first.</summary>
    Task<IReadOnlyList<Job>> ListEndedAsync(TimeSpan age, int limit = 100, CancellationToken cancellation = default);

    /// <summary>Removes a job that has ended, with its events, metrics and checkpoint rows. Its files are the caller's.</summary>
    /// <returns>Whether it was removed: false if there is none, or if it has not ended (any more).</returns>
    Task<bool> DeleteAsync(long id, CancellationToken cancellation = default);

    /// <summary>Adds a recurring job, or replaces the one of the same tenant and name.</summary>
    /// <exception cref="ArgumentException">A field is out of its limits.</exception>
    /// <exception cref="FormatException">The cron expression cannot be read.</exception>
    Task<JobSchedule> SaveScheduleAsync(NewJobSchedule schedule, CancellationToken cancellation = default);

    /// <summary>Removes a recurring job; jobs that it has submitted stay.</summary>
    /// <returns>Whether there was one.</returns>
    Task<bool> DeleteScheduleAsync(string tenant, string name, CancellationToken cancellation = default);

    /// <summary>The recurring jobs of a tenant, or of all, by name.</summary>
    Task<IReadOnlyList<JobSchedule>> ListSchedulesAsync(string? tenant = null, CancellationToken cancellation = default);

    /// <summary>
    /// Submits the jobs of schedules that are due. Occurrences missed while nobody ran collapse into one; one that comes due while the
    /// job before has not ended is left out.
    /// </summary>
    /// <returns>How many jobs were submitted.</returns>
    Task<int> SubmitDueSchedulesAsync(CancellationToken cancellation = default);

    /// <summary>Ends when a job may have become claimable. A hint: it may come for nothing, or not at all. Take it before looking.</summary>
    Task NextWorkHint();

    /// <summary>Ends when this job has changed. A hint, like <see cref="NextWorkHint"/>.</summary>
    Task NextJobHint(long id);

    /// <summary>Ends when somebody asked to cancel or pause this running job. A hint, like <see cref="NextWorkHint"/>.</summary>
    Task NextRequestHint(long id);
}
