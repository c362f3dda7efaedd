namespace Inference.Speech.Synthesis.Vits;

/// <summary>A voice to load.</summary>
/// <param name="Name">What requests call it; a voice of several speakers is followed by ":" and the speaker's name.</param>
/// <param name="Path">A Piper voice's `.onnx`, whose `.onnx.json` lies beside it, or a directory of a VITS model in Hugging Face's form.</param>
public sealed record VitsVoiceOptions(string Name, string Path);
