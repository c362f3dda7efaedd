using System.CommandLine;
using Inference.Contracts.Speech.V1;

namespace Inference.Cli.Commands;

/// <summary>The options by which commands choose a voice.</summary>
internal sealed class VoiceOptions
{
    public Option<string> Voice { get; } = new("--voice") { Description = "Name of the voice; empty means the language's default.", DefaultValueFactory = _ => "" };

    public Option<string> Language { get; } = new("--language", "-l") { Description = "Language spoken, as in BCP 47.", DefaultValueFactory = _ => "" };

    public Option<float?> Rate { get; } = new("--rate") { Description = "Speed as a factor, 0.25 to 4." };

    public Option<float?> Pitch { get; } = new("--pitch") { Description = "Pitch as a factor, 0.25 to 4." };

    public Option<string> Emotion { get; } = new("--emotion") { Description = "Preset such as happy, strict or shy.", DefaultValueFactory = _ => "" };

    public void AddTo(Command command)
    {
        command.Add(Voice);
        command.Add(Language);
        command.Add(Rate);
        command.Add(Pitch);
        command.Add(Emotion);
    }

    /// <summary>The manner that the options describe.</summary>
    public SpeakingManner Read(ParseResult result)
    {
        SpeakingManner manner = new()
        {
            Voice = result.GetRequiredValue(Voice),
            Language = result.GetRequiredValue(Language),
            Emotion = result.GetRequiredValue(Emotion),
        };
        if (result.GetValue(Rate) is { } rate)
        {
            manner.Rate = rate;
        }

        if (result.GetValue(Pitch) is { } pitch)
        {
            manner.Pitch = pitch;
        }

        return manner;
    }
}
