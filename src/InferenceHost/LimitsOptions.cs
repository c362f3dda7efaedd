using System.ComponentModel.DataAnnotations;

namespace Inference.InferenceHost;

/// <summary>What one request may bring. Section "Limits".</summary>
public sealed class LimitsOptions
{
    /// <summary>Name of the configuration section.</summary>
    public const string Section = "Limits";

    /// <summary>Bytes of UTF-8 of a prompt: a text, all messages of a chat, or a rendered template. 1 to 1 GiB, default 1 MiB.</summary>
    [Range(1, 1 << 30)]
    public int MaxPromptBytes { get; set; } = 1 << 20;

    /// <summary>Messages of a chat. 1 to 100,000, default 1,000.</summary>
    [Range(1, 100_000)]
    public int MaxMessages { get; set; } = 1000;

    /// <summary>Prompts of one request to /v1/completions. 1 to 1,000, default 32.</summary>
    [Range(1, 1000)]
    public int MaxPrompts { get; set; } = 32;
}
