using Inference.Jobs;
using Microsoft.Extensions.Options;

namespace Inference.JobWorker.Recurring;

/// <summary>Refuses schedules without a name or with a date that cannot be read.</summary>
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

            if (job.Cron.Length > 0 && Fault(job.Cron) is { } fault)
            {
                faults.Add($"{at}:Cron: {fault}");
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
