using System.Text.Json;
using System.Text.Json.Nodes;
using Inference.Models.Weights;

namespace Inference.Models.Lora;

/// <summary>PEFT's adapter_config.json, to and from <see cref="LoraConfig"/>. What would change answers and is not supported is refused by name.</summary>
public static class PeftConfigFile
{
    /// <summary>Name of the file in an adapter's directory.</summary>
    public const string Name = "adapter_config.json";

    private const string Kind = "LORA";

    /// <summary>Keys that must be missing, null, false, or empty.</summary>
    private static readonly string[] Unsupported =
    [
        "modules_to_save", "layer_replication", "trainable_token_indices", "target_parameters", "fan_in_fan_out", "lora_bias",
        "use_qalora", "use_bdlora", "alora_invocation_tokens", "arrow_config", "megatron_config",
    ];

    /// <summary>Values of init_lora_weights after which the base's own weights are other ones too.</summary>
    private static readonly string[] ChangeTheBase = ["pissa", "olora", "loftq", "corda"];

    /// <summary>Reads the file.</summary>
    /// <exception cref="ModelFormatException">A key is missing or out of range, or asks for what is not supported.</exception>
    public static LoraConfig Read(string path)
    {
        JsonKeys keys = JsonKeys.Read(path);
        string kind = keys.Text("peft_type") ?? throw keys.Wrong("peft_type", "is missing");
        if (kind != Kind)
        {
            throw keys.Wrong("peft_type", $"is {kind}: adapters of this kind are not supported (supported: {Kind})");
        }

        RefuseWhatIsNotSupported(keys);
        LoraConfig config = new()
        {
            Rank = Rank(keys, "r", keys.OptionalInteger("r") ?? 8),
            Alpha = Finite(keys, "lora_alpha", keys.Float("lora_alpha") ?? 8),
            Dropout = keys.Float("lora_dropout") ?? 0,
            UseRsLora = keys.Bool("use_rslora") ?? false,
            UseDora = keys.Bool("use_dora") ?? false,
            TargetModules = Modules(keys, "target_modules"),
            ExcludeModules = Modules(keys, "exclude_modules"),
            Layers = keys.Element("layers_to_transform") is null ? null : keys.IntegerOrList("layers_to_transform"),
            RankPattern = Patterns(keys, "rank_pattern", (section, key) => Rank(section, key, section.Integer(key))),
            AlphaPattern = Patterns(keys, "alpha_pattern", (section, key) => Finite(section, key, section.Float(key) ?? throw section.Wrong(key, "is missing"))),
            BaseModel = keys.Text("base_model_name_or_path"),
        };
        return config.Dropout is >= 0 and < 1 ? config : throw keys.Wrong("lora_dropout", $"must be in [0, 1), not {config.Dropout}");
    }

    /// <summary>Writes the file, whole or not at all, with the keys of PEFT that matter and no others.</summary>
    public static void Write(string path, LoraConfig config)
    {
        JsonObject root = new()
        {
            ["peft_type"] = Kind,
            ["task_type"] = "CAUSAL_LM",
            ["base_model_name_or_path"] = config.BaseModel,
            ["r"] = config.Rank,
            ["lora_alpha"] = config.Alpha,
            ["lora_dropout"] = config.Dropout,
            ["use_rslora"] = config.UseRsLora,
            ["use_dora"] = config.UseDora,
            ["bias"] = "none",
            ["target_modules"] = Node(config.TargetModules),
            ["exclude_modules"] = Node(config.ExcludeModules),
            ["layers_to_transform"] = config.Layers is null ? null : JsonSerializer.SerializeToNode(config.Layers),
            ["rank_pattern"] = JsonSerializer.SerializeToNode(config.RankPattern),
            ["alpha_pattern"] = JsonSerializer.SerializeToNode(config.AlphaPattern),
            ["modules_to_save"] = null,
            ["init_lora_weights"] = true,
            ["inference_mode"] = true,
        };
        byte[] json = JsonSerializer.SerializeToUtf8Bytes(root, new JsonSerializerOptions { WriteIndented = true });
        AtomicFile.Write(path, stream => stream.Write(json));
    }

    private static void RefuseWhatIsNotSupported(JsonKeys keys)
    {
        foreach (string key in Unsupported)
        {
            if (keys.Element(key) is JsonElement value && !IsEmpty(value))
            {
                throw keys.Wrong(key, $"is {value}: this is not supported");
            }
        }

        if ((keys.Text("bias") ?? "none") is string bias && bias != "none")
        {
            throw keys.Wrong("bias", $"is '{bias}': adapters with biases are not supported (supported: none)");
        }

        if (keys.Element("init_lora_weights") is { ValueKind: JsonValueKind.String } init
            && ChangeTheBase.FirstOrDefault(name => init.GetString()!.StartsWith(name, StringComparison.OrdinalIgnoreCase)) is not null)
        {
            throw keys.Wrong("init_lora_weights", $"is '{init}', which changes the base's weights too: convert the adapter to plain LoRA first (path_initial_model_for_weight_conversion)");
        }
    }

    private static bool IsEmpty(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.False => true,
        JsonValueKind.Array => value.GetArrayLength() == 0,
        JsonValueKind.Object => !value.EnumerateObject().Any(),
        _ => false,
    };

    private static TargetModules? Modules(JsonKeys keys, string key)
    {
        try
        {
            return keys.Element(key) switch
            {
                null => null,
                { ValueKind: JsonValueKind.String } text => TargetModules.FromText(text.GetString()!),
                { ValueKind: JsonValueKind.Array } list when list.GetArrayLength() == 0 => null,
                _ => TargetModules.FromNames(keys.Texts(key)!),
            };
        }
        catch (ArgumentException e)
        {
            throw keys.Wrong(key, $"is not valid: {e.Message}");
        }
    }

    private static JsonNode? Node(TargetModules? modules) => modules is null ? null
        : modules.Names is null ? JsonValue.Create(modules.ToString())
        : JsonSerializer.SerializeToNode(modules.Names);

    private static Dictionary<string, T> Patterns<T>(JsonKeys keys, string key, Func<JsonKeys, string, T> read)
    {
        Dictionary<string, T> patterns = [];
        if (keys.Section(key) is JsonKeys section)
        {
            foreach (string pattern in section.Names)
            {
                try
                {
                    _ = ModulePattern.Ending(pattern);
                }
                catch (ArgumentException e)
                {
                    throw section.Wrong(pattern, $"is not a valid regular expression: {e.Message}");
                }

                patterns.Add(pattern, read(section, pattern));
            }
        }

        return patterns;
    }

    private static int Rank(JsonKeys keys, string key, int rank) =>
        rank is >= 1 and <= LoraConfig.MaxRank ? rank : throw keys.Wrong(key, $"must be 1 to {LoraConfig.MaxRank}, not {rank}");

    private static float Finite(JsonKeys keys, string key, float value) => float.IsFinite(value) ? value : throw keys.Wrong(key, $"must be a finite number, not {value}");
}
