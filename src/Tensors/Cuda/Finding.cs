using System.Diagnostics.CodeAnalysis;

namespace Inference.Tensors.Cuda;

/// <summary>Something that was looked for: itself, or in words why it is not there.</summary>
/// <typeparam name="T">What was looked for.</typeparam>
/// <param name="Value">What was found, or null.</param>
/// <param name="Missing">Why nothing was found, or null.</param>
public sealed record Finding<T>(T? Value, string? Missing)
    where T : class
{
    /// <summary>Whether it is there.</summary>
    [MemberNotNullWhen(true, nameof(Value))]
    [MemberNotNullWhen(false, nameof(Missing))]
    public bool IsFound => Value is not null;
}
