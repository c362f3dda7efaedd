using Inference.Speech.Audio;
using Inference.Speech.Synthesis;

namespace Inference.VoiceHost;

/// <summary>What a client wants audio to be.</summary>
/// <param name="Encoding">How it is written.</param>
/// <param name="SampleRate">Hertz; null is the voice's own.</param>
internal sealed record AudioOutput(AudioEncoding Encoding, int? SampleRate)
{
    /// <summary>Checks a client's rate; 0 is the voice's own.</summary>
    /// <exception cref="SpeechRequestException">It is out of its limits.</exception>
    public static AudioOutput Parse(AudioEncoding encoding, int sampleRate) =>
        sampleRate is 0 or (>= AudioFormat.LowestRate and <= AudioFormat.HighestRate)
            ? new AudioOutput(encoding, sampleRate == 0 ? null : sampleRate)
            : throw new SpeechRequestException("sample_rate", $"must be 0 or from {AudioFormat.LowestRate} to {AudioFormat.HighestRate} Hz, not {sampleRate}");

    /// <summary>A writer of samples of a rate.</summary>
    public AudioWriter CreateWriter(int sourceRate) => new(Encoding, sourceRate, SampleRate ?? sourceRate);
}
