using Inference.Generation.Adapters;
using Microsoft.Extensions.Options;

namespace Inference.InferenceHost.Adapters;

/// <summary>Refuses adapter options that are out of their range.</summary>
internal sealed class AdapterOptionsValidator : IValidateOptions<AdapterPoolOptions>
{
    /// <inheritdoc/>
    public ValidateOptionsResult Validate(string? name, AdapterPoolOptions options)
    {
        string[] faults = [.. options.Validate().Select(v => $"Adapters:{v.Field} {v.Description}")];
        return faults.Length == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }
}
