using Inference.Generation;
using Microsoft.Extensions.Options;

namespace Inference.InferenceHost;

/// <summary>Checks the section "Engine" with the engine's own rules.</summary>
internal sealed class EngineOptionsValidator : IValidateOptions<LlmEngineOptions>
{
    /// <inheritdoc/>
    public ValidateOptionsResult Validate(string? name, LlmEngineOptions options)
    {
        string[] faults = [.. options.Validate().Select(v => $"Engine:{v.Field} {v.Description}")];
        return faults.Length == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }
}
