using System.Diagnostics.Metrics;
using Inference.Jobs;

namespace Inference.JobWorker.Workers;

/// <summary>A worker's instruments.</summary>
internal sealed class WorkerMetrics
{
    private readonly UpDownCounter<long> _running;
    private readonly Counter<long> _attempts;
    private readonly Counter<long> _steps;

    public WorkerMetrics(IMeterFactory factory)
    {
        Meter meter = factory.Create("Inference.JobWorker");
        _running = meter.CreateUpDownCounter<long>("jobs_running", null, "Jobs that this worker runs.");
        _attempts = meter.CreateCounter<long>("job_attempts", null, "Attempts that ended, by the state that the job went to; lost: another worker has it.");
        _steps = meter.CreateCounter<long>("job_training_steps", null, "Steps that trainers made.");
    }

    /// <summary>A handler for jobs that counts those that run in another.</summary>
    public JobHandler Count(JobHandler handler) => async (lease, stopping) =>
    {
        _running.Add(1);
        try
        {
            return await handler(lease, stopping);
        }
        finally
        {
            _running.Add(-1);
            if (lease.End == LeaseEnd.Lost)
            {
                Ended("lost");
            }
        }
    };

    /// <summary>An attempt ended.</summary>
    public void Ended(string state) => _attempts.Add(1, new KeyValuePair<string, object?>("state", state));

    /// <summary>A trainer made a step.</summary>
    public void Stepped() => _steps.Add(1);
}
