using System.Buffers;
using System.Diagnostics;
using Inference.Speech.Audio;
using Inference.Speech.Recognition;
using Inference.Tensors.Cpu;
using Inference.TestSupport;

namespace Inference.Speech.Tests.Recognition;

/// <summary>The trained recogniser of models/demo-asr, and espeak-ng to speak to it.</summary>
public sealed class DemoRecognizerFixture : IDisposable
{
    public WhisperRecognizer Recognizer { get; } =
        WhisperRecognizer.Load(Path.Combine(SharedData.RepositoryRoot, "models", "demo-asr"), new CpuBackend(2));

    /// <summary>Speech at 16 kHz with 200 ms of silence before and after.</summary>
    public static async Task<float[]> SpeakAsync(string text, string voice)
    {
        using Process process = Process.Start(new ProcessStartInfo("espeak-ng", ["--stdout", "-s", "160", "-v", voice, text]) { RedirectStandardOutput = true })!;
        using MemoryStream wave = new();
        await process.StandardOutput.BaseStream.CopyToAsync(wave);
        await process.WaitForExitAsync();
        ArrayBufferWriter<float> samples = new();
        using MonoReader reader = new(AudioDecoders.Create(AudioEncoding.Wav, new AudioFormat(22_050, 1)), LogMelSpectrogram.SampleRate);
        reader.Push(wave.GetBuffer().AsSpan(0, (int)wave.Length), samples);
        reader.Complete(samples);
        return [.. new float[3200], .. samples.WrittenSpan, .. new float[3200]];
    }

    public void Dispose() => Recognizer.Dispose();
}
