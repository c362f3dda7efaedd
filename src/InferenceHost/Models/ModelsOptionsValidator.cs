using Microsoft.Extensions.Options;

namespace Inference.InferenceHost.Models;

/// <summary>Refuses model names that are empty, odd or used twice.</summary>
internal sealed class ModelsOptionsValidator : IValidateOptions<ModelsOptions>
{
    /// <inheritdoc/>
    public ValidateOptionsResult Validate(string? name, ModelsOptions options)
    {
        List<string> faults = [];
        for (int i = 0; i < options.Load.Length; i++)
        {
            if (ModelName.Fault(options.Load[i].Name) is { } fault)
            {
                faults.Add($"Models:Load:{i}:Name {fault}");
            }

            if (options.Load[i].Path.Length == 0)
            {
                faults.Add($"Models:Load:{i}:Path must not be empty");
            }
        }

        faults.AddRange(options.Load.GroupBy(m => m.Name).Where(g => g.Count() > 1).Select(g => $"Models:Load names \"{g.Key}\" {g.Count()} times"));
        if (options.Load.Length > options.MaxLoaded)
        {
            faults.Add($"Models:Load has {options.Load.Length} models, Models:MaxLoaded allows {options.MaxLoaded}");
        }

        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }
}
