using System.ComponentModel.DataAnnotations;

namespace Inference.VoiceHost;

/// <summary>Which engines speak. Section "Speech".</summary>
public sealed class SpeechOptions
{
    /// <summary>Name of the configuration section.</summary>
    public const string Section = "Speech";

    /// <summary>Speak with espeak-ng, in processes of its own. Default true.</summary>
    public bool Espeak { get; set; } = true;

    /// <summary>Processes of espeak-ng at most. 1 to 64, default 2.</summary>
    [Range(1, 64)]
    public int EspeakProcesses { get; set; } = 2;

    /// <summary>
    /// VITS voices by name: a Piper voice's `.onnx` (its `.onnx.json` beside it) or a directory in Hugging Face's form (MMS). Relative
    /// paths start at the program's directory. They come before espeak-ng's where a request names no voice.
    /// </summary>
    public IReadOnlyDictionary<string, string> Voices { get; set; } = new Dictionary<string, string>();
}
