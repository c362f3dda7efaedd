namespace Inference.JobWorker.Recurring;

/// <summary>Adapters that are trained again and again, each from what its file then holds. Section "Recurring".</summary>
public sealed class RecurringOptions
{
    /// <summary>Name of the configuration section.</summary>
    public const string Section = "Recurring";

    /// <summary>What is trained when. Removing one here does not end it: see <see cref="RecurringJob.Cron"/>.</summary>
    public RecurringJob[] Jobs { get; set; } = [];
}
