using System.Text.RegularExpressions;

namespace Inference.Models.Lora;

/// <summary>
/// What an adapter is, besides its numbers: the content of PEFT's adapter_config.json. Low-rank adaptation of linear layers
/// (Hu et al., LoRA, 2021) with the scale of rsLoRA (Kalajdzievski, 2023) or the magnitudes of DoRA (Liu et al., 2024).
/// </summary>
public sealed record LoraConfig
{
    /// <summary>The largest rank that is taken.</summary>
    public const int MaxRank = 4096;

    /// <summary>Rank of layers that <see cref="RankPattern"/> does not name (`r`). 1 to 4,096.</summary>
    public int Rank { get; init; } = 8;

    /// <summary>Alpha of layers that <see cref="AlphaPattern"/> does not name (`lora_alpha`).</summary>
    public float Alpha { get; init; } = 8;

    /// <summary>Share of the inputs of A that training drops (`lora_dropout`). 0 to below 1.</summary>
    public float Dropout { get; init; }

    /// <summary>The scale is alpha / sqrt(rank) rather than alpha / rank (`use_rslora`).</summary>
    public bool UseRsLora { get; init; }

    /// <summary>Rows of the changed weight have learned magnitudes (`use_dora`).</summary>
    public bool UseDora { get; init; }

    /// <summary>The layers that are changed; null in files that leave it to the architecture: whatever the file has.</summary>
    public TargetModules? TargetModules { get; init; }

    /// <summary>Layers that are left as they are although <see cref="TargetModules"/> names them, or null.</summary>
    public TargetModules? ExcludeModules { get; init; }

    /// <summary>Of layers named by a list only those of these blocks (`layers_to_transform`), or null.</summary>
    public IReadOnlyList<int>? Layers { get; init; }

    /// <summary>Ranks by regular expressions for the ends of names; the first that matches holds.</summary>
    public IReadOnlyDictionary<string, int> RankPattern { get; init; } = new Dictionary<string, int>();

    /// <summary>Alphas by regular expressions for the ends of names; the first that matches holds.</summary>
    public IReadOnlyDictionary<string, float> AlphaPattern { get; init; } = new Dictionary<string, float>();

    /// <summary>Name or path of the model that the adapter was made for, as its maker called it, or null.</summary>
    public string? BaseModel { get; init; }

    /// <summary>Rank of a layer.</summary>
    public int RankOf(string module) => Find(RankPattern, module, Rank);

    /// <summary>The factor of B A x in a layer.</summary>
    public float ScaleOf(string module)
    {
        float alpha = Find(AlphaPattern, module, Alpha), rank = RankOf(module);
        return UseRsLora ? alpha / MathF.Sqrt(rank) : alpha / rank;
    }

    /// <summary>The layer is one of those that <see cref="TargetModules"/> means. Without target modules none is.</summary>
    public bool Targets(string module) =>
        TargetModules is not null && TargetModules.Matches(module) && ExcludeModules?.Matches(module) != true
        && (Layers is null || TargetModules.Names is null || (BlockOf(module) is int block && Layers.Contains(block)));

    /// <summary>The layers of a base model that training has to change.</summary>
    /// <exception cref="ArgumentException">No layer matches.</exception>
    public IReadOnlyList<LinearModule> Resolve(ModelConfig config)
    {
        IReadOnlyList<LinearModule> all = LinearModule.Of(config);
        LinearModule[] matched = [.. all.Where(module => Targets(module.Name))];
        return matched.Length > 0 ? matched : throw new ArgumentException(
            $"target_modules ({TargetModules?.ToString() ?? "null"}) match no layer of the base: its layers are {string.Join(", ", all.Select(m => m.Name[(m.Name.LastIndexOf('.') + 1)..]).Distinct())}");
    }

    private static int? BlockOf(string module) =>
        Regex.Match(module, @"\.layers\.(\d+)\.", RegexOptions.CultureInvariant) is { Success: true } match ? int.Parse(match.Groups[1].ValueSpan, provider: null) : null;

    private static T Find<T>(IReadOnlyDictionary<string, T> patterns, string module, T otherwise)
    {
        foreach ((string pattern, T value) in patterns)
        {
            if (ModulePattern.Ending(pattern).IsMatch(module))
            {
                return value;
            }
        }

        return otherwise;
    }
}
