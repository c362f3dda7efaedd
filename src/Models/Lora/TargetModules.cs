using System.Text.RegularExpressions;

namespace Inference.Models.Lora;

/// <summary>
/// Which linear layers an adapter changes, as PEFT reads `target_modules`: a list names layers exactly or by a suffix after a dot,
/// a string is a regular expression for whole names, and `all-linear` means every layer but the output projection.
/// </summary>
public sealed class TargetModules
{
    /// <summary>PEFT's word for every linear layer but the output projection.</summary>
    public const string AllLinearName = "all-linear";

    private readonly Regex? _regex;

    private TargetModules(IReadOnlyList<string>? names, string? pattern)
    {
        Names = names;
        Pattern = pattern;
        _regex = pattern is null ? null : ModulePattern.Whole(pattern);
    }

    /// <summary>Every linear layer but the output projection.</summary>
    public static TargetModules AllLinear { get; } = new(null, null);

    /// <summary>The list, or null.</summary>
    public IReadOnlyList<string>? Names { get; }

    /// <summary>The regular expression, or null.</summary>
    public string? Pattern { get; }

    /// <summary>Layers named exactly or by suffixes: "q_proj" is "model.layers.0.self_attn.q_proj" too.</summary>
    /// <exception cref="ArgumentException">There is no name, or an empty one.</exception>
    public static TargetModules FromNames(params IReadOnlyList<string> names) =>
        names.Count > 0 && names.All(name => name.Length > 0)
            ? new TargetModules([.. names], null)
            : throw new ArgumentException("a list of names has at least one, and none is empty", nameof(names));

    /// <summary>A regular expression, or <see cref="AllLinearName"/> in any case.</summary>
    /// <exception cref="ArgumentException">The expression is not valid.</exception>
    public static TargetModules FromText(string text) =>
        text.Equals(AllLinearName, StringComparison.OrdinalIgnoreCase) ? AllLinear : new TargetModules(null, text);

    /// <summary>The layer is one of them.</summary>
    public bool Matches(string module) =>
        _regex is not null ? _regex.IsMatch(module)
        : Names is not null ? Names.Any(name => IsNamed(module, name))
        : module != LinearModule.Head;

    /// <inheritdoc/>
    public override string ToString() => Pattern ?? (Names is null ? AllLinearName : string.Join(", ", Names));

    internal static bool IsNamed(string module, string name) =>
        module == name || (module.Length > name.Length && module[^(name.Length + 1)] == '.' && module.EndsWith(name, StringComparison.Ordinal));
}
