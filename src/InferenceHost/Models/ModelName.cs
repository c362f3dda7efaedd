namespace Inference.InferenceHost.Models;

/// <summary>Names under which models are served.</summary>
internal static class ModelName
{
    private const int MaximumLength = 128;

    /// <summary>What is wrong with the name, or null.</summary>
    public static string? Fault(string name)
    {
        if (name.Length is 0 or > MaximumLength)
        {
            return $"must have from 1 to {MaximumLength} characters, not {name.Length}";
        }

        return name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or ':' or '-' or '/')
            ? null : $"must consist of letters, digits and . _ : - /, not \"{name}\"";
    }
}
