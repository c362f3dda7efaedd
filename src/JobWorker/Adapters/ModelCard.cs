using System.Globalization;
using System.Text;
using Inference.Jobs;
using Inference.Training.FineTuning;

namespace Inference.JobWorker.Adapters;

/// <summary>README.md of an adapter, in the form that model hubs read: what it was made from, how, and what came of it.</summary>
internal static class ModelCard
{
    public static string Write(Job job, FineTuningSpec spec, IReadOnlyDictionary<string, double> metrics)
    {
        StringBuilder card = new();
        card.AppendLine(CultureInfo.InvariantCulture, $"""
            ---
            base_model: {spec.BaseModel}
            library_name: peft
            tags: [lora]
            ---

            # {spec.AdapterNameOf(job.Id)}

            | | |
            |---|---|
            | Base model | {spec.BaseModel} |
            | Method | {spec.Method} |
            | Training data (SHA-256) | {spec.TrainingData} |
            | Validation data (SHA-256) | {spec.ValidationData ?? "none"} |
            | Seed | {spec.Seed} |
            | Job | {job.Id}, attempt {job.Attempt} |
            | Submitted | {job.CreatedAt:yyyy-MM-dd HH:mm:ss} UTC |

            ## Results

            | Metric | Value |
            |---|---|
            """);
        foreach ((string key, double value) in metrics.OrderBy(m => m.Key, StringComparer.Ordinal))
        {
            card.AppendLine(CultureInfo.InvariantCulture, $"| {key} | {value:G6} |");
        }

        card.AppendLine().AppendLine("## Submission").AppendLine().AppendLine("```json").AppendLine(spec.ToJson()).AppendLine("```");
        return card.ToString();
    }
}
