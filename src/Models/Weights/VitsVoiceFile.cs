namespace Inference.Models.Weights;

/// <summary>What a VITS voice has beside its network: how text becomes symbols, its speakers, its sampling.</summary>
public sealed record VitsVoiceFile
{
    private const int MaxSymbols = 1 << 16;

    /// <summary>Samples a second.</summary>
    public required int SampleRate { get; init; }

    /// <summary>As the file gives it: "en_US", or ISO 639-3 as "deu"; empty where it does not say.</summary>
    public required string Language { get; init; }

    /// <summary>The espeak-ng voice whose phonemes are the symbols; null where the text's characters are.</summary>
    public string? EspeakVoice { get; init; }

    /// <summary>Ids of a character or phoneme.</summary>
    public required IReadOnlyDictionary<string, int[]> Symbols { get; init; }

    /// <summary>Ids before all others.</summary>
    public int[] Begin { get; init; } = [];

    /// <summary>Ids after each symbol.</summary>
    public int[] After { get; init; } = [];

    /// <summary>Ids after all others.</summary>
    public int[] End { get; init; } = [];

    /// <summary>Characters are taken apart from their accents (NFD) first.</summary>
    public bool Decomposes { get; init; }

    /// <summary>Numbers of the speakers by name; empty for one without a name.</summary>
    public IReadOnlyDictionary<string, int> Speakers { get; init; } = new Dictionary<string, int>();

    /// <summary>Deviation of the frames.</summary>
    public float NoiseScale { get; init; } = 0.667f;

    /// <summary>Deviation of the durations.</summary>
    public float DurationNoiseScale { get; init; } = 0.8f;

    /// <summary>Factor of the durations.</summary>
    public float LengthScale { get; init; } = 1;

    /// <summary>Reads the files beside a network: `vocab.json` and `tokenizer_config.json` of a directory, or the `.onnx.json` of a Piper voice.</summary>
    /// <exception cref="ModelFormatException">A file or key is missing or wrong, or asks for what is not supported.</exception>
    public static VitsVoiceFile Read(string path)
    {
        VitsVoiceFile voice = Directory.Exists(path) ? ReadHuggingFace(path) : ReadPiper(path + ".json");
        return voice.SampleRate is >= 8000 and <= 48_000
            ? voice
            : throw new ModelFormatException(path, $"the voice has {voice.SampleRate} samples a second; 8000 to 48000 are supported");
    }

    private static VitsVoiceFile ReadPiper(string path)
    {
        JsonKeys keys = JsonKeys.Read(Present(path));
        JsonKeys? inference = keys.Section("inference");
        Dictionary<string, int[]> symbols = [];
        JsonKeys map = keys.Section("phoneme_id_map") ?? throw keys.Wrong("phoneme_id_map", "is missing");
        foreach (string symbol in map.Names.Take(MaxSymbols))
        {
            symbols[symbol] = map.IntegerOrList(symbol);
        }

        int[] blank = Ids("_"), begin = Ids("^");
        string type = keys.Text("phoneme_type") ?? "espeak";
        return new VitsVoiceFile
        {
            SampleRate = (keys.Section("audio") ?? throw keys.Wrong("audio", "is missing")).Integer("sample_rate"),
            Language = keys.Section("language")?.Text("code") ?? keys.Section("espeak")?.Text("voice") ?? "",
            EspeakVoice = type switch
            {
                "espeak" => keys.Section("espeak")?.Text("voice") ?? throw keys.Wrong("espeak", "has no voice"),
                "text" => null,
                _ => throw keys.Wrong("phoneme_type", $"is '{type}', which is not supported (supported: espeak, text)"),
            },
            Symbols = symbols,
            Begin = [.. begin, .. blank],
            After = blank,
            End = Ids("$"),
            Decomposes = true,
            Speakers = Numbers(keys.Section("speaker_id_map")),
            NoiseScale = Scale(inference, "noise_scale", 0.667f),
            DurationNoiseScale = Scale(inference, "noise_w", 0.8f),
            LengthScale = Scale(inference, "length_scale", 1),
        };

        int[] Ids(string symbol) => symbols.TryGetValue(symbol, out int[]? ids) ? ids : throw keys.Wrong("phoneme_id_map", $"has no '{symbol}'");
    }

    private static VitsVoiceFile ReadHuggingFace(string directory)
    {
        JsonKeys config = JsonKeys.Read(Present(Path.Combine(directory, HuggingFaceConfig.FileName)));
        JsonKeys vocabulary = JsonKeys.Read(Present(Path.Combine(directory, "vocab.json")));
        string tokenizerPath = Path.Combine(directory, "tokenizer_config.json");
        JsonKeys? tokenizer = File.Exists(tokenizerPath) ? JsonKeys.Read(tokenizerPath) : null;
        if (tokenizer?.Bool("is_uroman") == true)
        {
            throw tokenizer.Wrong("is_uroman", "is true: text in another script would have to be romanised, which is not supported");
        }

        bool hasBlanks = tokenizer?.Bool("add_blank") ?? true;
        int[] blank = hasBlanks ? [0] : [];
        float rate = Scale(config, "speaking_rate", 1);
        return new VitsVoiceFile
        {
            SampleRate = config.Integer("sampling_rate"),
            Language = tokenizer?.Text("language") ?? "",
            EspeakVoice = tokenizer?.Bool("phonemize") == true ? "en-us" : null,
            Symbols = Numbers(vocabulary).ToDictionary(entry => entry.Key, entry => (int[])[entry.Value]),
            Begin = blank,
            After = blank,
            Speakers = Enumerable.Range(0, config.OptionalInteger("num_speakers") is int count and > 1 ? Math.Min(count, MaxSymbols) : 0).ToDictionary(i => $"{i}"),
            NoiseScale = Scale(config, "noise_scale", 0.667f),
            DurationNoiseScale = Scale(config, "noise_scale_duration", 0.8f),
            LengthScale = rate > 0 ? 1 / rate : throw config.Wrong("speaking_rate", $"is {rate}, not above 0"),
        };
    }

    private static Dictionary<string, int> Numbers(JsonKeys? keys) =>
        keys is null ? [] : keys.Names.Take(MaxSymbols).ToDictionary(name => name, keys.Integer);

    private static float Scale(JsonKeys? keys, string key, float fallback)
    {
        float value = keys?.Float(key) ?? fallback;
        return value is >= 0 and <= 10 ? value : throw keys!.Wrong(key, $"is {value}, not 0 to 10");
    }

    private static string Present(string path) => File.Exists(path) ? path : throw new ModelFormatException(path, "there is no such file");
}
