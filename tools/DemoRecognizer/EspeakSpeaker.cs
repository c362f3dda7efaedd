using System.Buffers.Binary;
using System.Diagnostics;

namespace Inference.DemoRecognizer;

/// <summary>Speech by the program espeak-ng, as 16 kHz samples.</summary>
internal static class EspeakSpeaker
{
    private const int EspeakRate = 22_050;

    /// <summary>Samples of -1 to 1.</summary>
    /// <param name="utterance">What is to be said.</param>
    /// <param name="phonemes">File to write what was said to, in the International Phonetic Alphabet; null: none.</param>
    /// <exception cref="InvalidOperationException">espeak-ng is not installed, or refuses the voice.</exception>
    public static float[] Speak(Utterance utterance, string? phonemes = null)
    {
        ProcessStartInfo start = new("espeak-ng") { RedirectStandardOutput = true, RedirectStandardError = true };
        string[] writing = phonemes is null ? [] : ["--ipa", $"--phonout={phonemes}"];
        foreach (string argument in (string[])["-v", utterance.Voice, "-s", $"{utterance.Rate}", "-p", $"{utterance.Pitch}", .. writing, "--stdout", utterance.Text])
        {
            start.ArgumentList.Add(argument);
        }

        using Process process = Process.Start(start) ?? throw new InvalidOperationException("espeak-ng did not start");
        using MemoryStream wave = new();
        process.StandardOutput.BaseStream.CopyTo(wave);
        string errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 && wave.Length > 44
            ? Resampling.Resample(Samples(wave.GetBuffer().AsSpan(0, (int)wave.Length)), EspeakRate, 16_000)
            : throw new InvalidOperationException($"espeak-ng gave nothing for {utterance}: {errors}");
    }

    /// <summary>The data of a wave file as espeak-ng writes it to a pipe: a header of 44 bytes, 16-bit mono samples.</summary>
    private static float[] Samples(ReadOnlySpan<byte> wave)
    {
        if (BinaryPrimitives.ReadInt32LittleEndian(wave[24..]) != EspeakRate)
        {
            throw new InvalidOperationException($"espeak-ng is expected to speak at {EspeakRate} Hz");
        }

        float[] samples = new float[(wave.Length - 44) / 2];
        for (int i = 0; i < samples.Length; i++)
        {
            samples[i] = BinaryPrimitives.ReadInt16LittleEndian(wave[(44 + (2 * i))..]) / 32768f;
        }

        return samples;
    }
}
