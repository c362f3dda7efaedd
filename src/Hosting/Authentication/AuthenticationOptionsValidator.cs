using Microsoft.Extensions.Options;

namespace Inference.Hosting.Authentication;

/// <summary>Refuses an unreadable key file and keys that are easy to guess; no message contains a key.</summary>
internal sealed class AuthenticationOptionsValidator : IValidateOptions<AuthenticationOptions>
{
    private const int MinimumLength = 16;

    /// <inheritdoc/>
    public ValidateOptionsResult Validate(string? name, AuthenticationOptions options)
    {
        List<string> faults = [];
        Check("Authentication:ApiKeys", options.ApiKeys, faults);
        if (options.ApiKeyFile is { Length: > 0 } file)
        {
            try
            {
                string[] keys = [.. ApiKeys.ReadFile(file)];
                Check($"Authentication:ApiKeyFile {file}", keys, faults);
                if (keys.Length == 0)
                {
                    faults.Add($"Authentication:ApiKeyFile {file} holds no key");
                }
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                faults.Add($"Authentication:ApiKeyFile: {exception.Message}");
            }
        }

        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }

    private static void Check(string source, string[] keys, List<string> faults)
    {
        for (int i = 0; i < keys.Length; i++)
        {
            if (keys[i].Length < MinimumLength || keys[i].Any(c => c is <= ' ' or > '~'))
            {
                faults.Add($"{source}: key {i + 1} must have at least {MinimumLength} visible ASCII characters");
            }
        }
    }
}
