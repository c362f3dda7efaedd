using System.Globalization;
using System.Xml;

namespace Inference.Speech.Synthesis;

/// <summary>The attributes of SSML's prosody element as factors.</summary>
internal static class SsmlProsody
{
    private static readonly Dictionary<string, float> Rates = new()
    {
        ["x-slow"] = 0.5f,
        ["slow"] = 0.75f,
        ["medium"] = 1,
        ["default"] = 1,
        ["fast"] = 1.3f,
        ["x-fast"] = 1.7f,
    };

    private static readonly Dictionary<string, float> Pitches = new()
    {
        ["x-low"] = 0.7f,
        ["low"] = 0.85f,
        ["medium"] = 1,
        ["default"] = 1,
        ["high"] = 1.2f,
        ["x-high"] = 1.45f,
    };

    private static readonly Dictionary<string, float> Volumes = new()
    {
        ["silent"] = 0,
        ["x-soft"] = 0.4f,
        ["soft"] = 0.7f,
        ["medium"] = 1,
        ["default"] = 1,
        ["loud"] = 1.4f,
        ["x-loud"] = 2,
    };

    /// <summary>The manner inside the element. Contours, ranges and durations are ignored.</summary>
    public static SpeechManner Apply(XmlReader reader, SpeechManner outer, Func<XmlReader, string, Exception> invalid)
    {
        float rate = Factor("rate", Rates, v => v.EndsWith('%') ? Percent(v) : Number(v));
        float pitch = Factor("pitch", Pitches, v => v.EndsWith('%') ? 1 + Percent(v) : v.EndsWith("st", StringComparison.Ordinal) ? Semitones(v[..^2]) : null);
        float volume = Factor("volume", Volumes, v => v.EndsWith("dB", StringComparison.Ordinal) ? Decibels(v[..^2]) : v.EndsWith('%') ? Percent(v) : null);
        return outer with
        {
            Rate = Math.Clamp(outer.Rate * rate, SpeechRequest.MinFactor, SpeechRequest.MaxFactor),
            Pitch = Math.Clamp(outer.Pitch * pitch, SpeechRequest.MinFactor, SpeechRequest.MaxFactor),
            Volume = Math.Clamp(outer.Volume * volume, 0, 2),
        };

        float Factor(string attribute, Dictionary<string, float> names, Func<string, float?> read) =>
            reader.GetAttribute(attribute) is not { } value ? 1
            : names.TryGetValue(value, out float named) ? named
            : read(value) is { } factor and >= 0 and <= 100 ? factor
            : throw invalid(reader, $"{attribute} \"{value}\" is unknown");
    }

    private static float? Number(string value) =>
        float.TryParse(value, NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out float number) ? number : null;

    private static float? Percent(string value) => Number(value[..^1]) / 100;

    private static float? Semitones(string value) => Number(value) is { } semitones ? MathF.Pow(2, semitones / 12) : null;

    private static float? Decibels(string value) => Number(value) is { } decibels ? MathF.Pow(10, decibels / 20) : null;
}
