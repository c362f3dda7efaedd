using System.ComponentModel.DataAnnotations;

namespace Inference.VoiceHost.Recognition;

/// <summary>What recognises speech, and how it is found. Section "Recognition".</summary>
public sealed class RecognitionOptions
{
    /// <summary>Name of the configuration section.</summary>
    public const string Section = "Recognition";

    /// <summary>
    /// Whisper models: directories in Hugging Face's form or files of whisper.cpp. Relative ones start at the program's directory;
    /// the first is the default. Empty entries are passed over.
    /// </summary>
    public IReadOnlyList<string> Models { get; set; } = [];

    /// <summary>Path of Silero's `silero_vad_16k.safetensors`. Empty (default): rules without weights.</summary>
    public string VoiceActivityModel { get; set; } = "";

    /// <summary>Audio of a whole clip at most, a bound on memory (230 MB an hour); streams have none. 1 s to a day, default 1 hour.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan LongestClip { get; set; } = TimeSpan.FromHours(1);
}
