namespace Inference.VoiceHost.Recognition;

/// <summary>How speech is found. Section "Recognition".</summary>
public sealed class RecognitionOptions
{
    /// <summary>Name of the configuration section.</summary>
    public const string Section = "Recognition";

    /// <summary>Path of Silero's `silero_vad_16k.safetensors`. Empty (default): rules without weights.</summary>
    public string VoiceActivityModel { get; set; } = "";
}
