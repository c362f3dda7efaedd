using Inference.Models;
using Inference.Models.Architectures;
using Inference.Speech.Recognition;
using Inference.Tensors;
using Inference.Tensors.Cpu;

namespace Inference.Speech.Tests.Recognition;

/// <summary>A Whisper model of a few kilobytes with random weights, in a file of whisper.cpp.</summary>
internal static class TinyWhisper
{
    public static WhisperConfig Config { get; } = new()
    {
        MelCount = 80,
        HiddenSize = 32,
        EncoderLayers = 1,
        EncoderHeads = 2,
        EncoderIntermediateSize = 128,
        DecoderLayers = 2,
        DecoderHeads = 2,
        DecoderIntermediateSize = 128,
        VocabularySize = SmallVocabulary.MultilingualSize - 50_257 + 256,
        AudioContext = 1500,
        TextContext = 64,
    };

    public static void Write(string path, DType type = DType.F32) =>
        RandomWhisper.WriteGgml(path, Config, type, 1, new float[80 * 201], SmallVocabulary.Bytes);

    public static WhisperRecognizer Load(string path) => WhisperRecognizer.Load(path, new CpuBackend(2));

    /// <summary>Two tones that come and go.</summary>
    public static float[] Sound(double seconds) =>
    [
        .. Enumerable.Range(0, (int)(seconds * 16_000))
            .Select(i => (float)(0.3 * Math.Sin(2 * Math.PI * 440 * i / 16_000) * Math.Sin(2 * Math.PI * 2.5 * i / 16_000))),
    ];
}
