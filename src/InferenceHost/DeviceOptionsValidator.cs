using Microsoft.Extensions.Options;

namespace Inference.InferenceHost;

/// <summary>Checks at start that the device that was asked for can run models.</summary>
internal sealed class DeviceOptionsValidator : IValidateOptions<DeviceOptions>
{
    /// <inheritdoc/>
    public ValidateOptionsResult Validate(string? name, DeviceOptions options) =>
        Backends.Unavailable(options) is { } reason ? ValidateOptionsResult.Fail($"Device:Name {options.Name}: {reason}") : ValidateOptionsResult.Success;
}
