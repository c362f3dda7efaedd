using Inference.Jobs;
using Inference.Models.Lora;
using Microsoft.Extensions.Options;

namespace Inference.JobWorker.Recurring;

/// <summary>Refuses schedules that could never make a job. Models and files may come later: each attempt looks for them.</summary>
internal sealed class RecurringOptionsValidator : IValidateOptions<RecurringOptions>
{
    /// <inheritdoc/>
    public ValidateOptionsResult Validate(string? name, RecurringOptions options)
    {
        List<string> faults = [];
        for (int i = 0; i < options.Jobs.Length; i++)
        {
            RecurringJob job = options.Jobs[i];
            string at = $"{RecurringOptions.Section}:Jobs:{i}";
            if (job.Name.Length is 0 or > JobSubmission.MaxNameLength)
            {
                faults.Add($"{at}:Name has {job.Name.Length} characters; 1 to {JobSubmission.MaxNameLength} are allowed");
            }

            if (job.Cron.Length == 0)
            {
                continue; // It ends one.
            }

            if (Fault(job.Cron) is { } fault)
            {
                faults.Add($"{at}:Cron: {fault}");
            }

            if (job.Model.Length == 0)
            {
                faults.Add($"{at}:Model is empty; it is the name of a base model");
            }

            if (job.TrainingPath.Length == 0)
            {
                faults.Add($"{at}:TrainingPath is empty; it is the path of a file under a data-set root");
            }

            if (AdapterDirectory.Fault(job.Adapter) is { } nameFault)
            {
                faults.Add($"{at}:Adapter {nameFault}");
            }

            if (Math.Abs((long)job.Priority) > JobSubmission.MaxPriority)
            {
                faults.Add($"{at}:Priority is {job.Priority}; it must lie between {-JobSubmission.MaxPriority} and {JobSubmission.MaxPriority}");
            }

            if (job.Tenant.Length > JobSubmission.MaxNameLength)
            {
                faults.Add($"{at}:Tenant has {job.Tenant.Length} characters; at most {JobSubmission.MaxNameLength} are allowed");
            }
        }

        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }

    private static string? Fault(string cron)
    {
        try
        {
            CronExpression.Parse(cron);
            return null;
        }
        catch (FormatException exception)
        {
            return exception.Message;
        }
    }
}
