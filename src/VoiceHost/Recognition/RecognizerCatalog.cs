using System.Buffers;
using Inference.Speech.Audio;
using Inference.Speech.Recognition;
using Inference.Speech.Synthesis;
using Inference.Speech.VoiceActivity;
using Microsoft.Extensions.Options;

namespace Inference.VoiceHost.Recognition;

/// <summary>The models that recognise speech, the default one first.</summary>
internal sealed class RecognizerCatalog(
    IEnumerable<ISpeechRecognizer> recognizers, IVoiceActivityModel voiceActivity, IOptions<RecognitionOptions> options, VoiceMetrics metrics, TimeProvider time)
{
    /// <summary>Bytes to decode at a time: few, since a few of FLAC's can be minutes of silence.</summary>
    public const int DecodedBytes = 1024;

    public IReadOnlyList<ISpeechRecognizer> All { get; } = [.. recognizers.Select(r => new MeteredRecognizer(r, metrics, time))];

    /// <summary>Tells speech from other sounds, for all of them.</summary>
    public IVoiceActivityModel VoiceActivity => voiceActivity;

    /// <summary>The model of a name; of none, the default one.</summary>
    /// <exception cref="SpeechRequestException">There is no such model, or none at all.</exception>
    public ISpeechRecognizer Find(string? model) =>
        All.Count == 0 ? throw new SpeechRequestException("model", "no model for recognition is configured")
        : string.IsNullOrEmpty(model) ? All[0]
        : All.FirstOrDefault(r => r.Name.Equals(model, StringComparison.OrdinalIgnoreCase))
            ?? throw new SpeechRequestException("model", $"there is no model \"{model}\"; there are {string.Join(", ", All.Select(r => r.Name))}");

    /// <summary>The primary subtag of a BCP 47 tag: what recognisers take. Empty and "auto" are found by the model.</summary>
    public static string? Language(string tag) =>
        tag.Length == 0 || tag.Equals("auto", StringComparison.OrdinalIgnoreCase) || tag.Equals("multi", StringComparison.OrdinalIgnoreCase)
            ? null
            : tag.Split('-', '_')[0].ToLowerInvariant();

    /// <summary>The samples of a whole clip, at the rate that recognisers take.</summary>
    /// <exception cref="AudioFormatException">It cannot be read, or is longer than <see cref="RecognitionOptions.LongestClip"/>.</exception>
    public float[] Read(ReadOnlySpan<byte> audio, IAudioDecoder decoder, int? channel = null)
    {
        using MonoReader reader = new(decoder, IVoiceActivityModel.SampleRate, channel);
        ArrayBufferWriter<float> samples = new();
        TimeSpan longest = options.Value.LongestClip;
        while (!audio.IsEmpty)
        {
            int length = Math.Min(DecodedBytes, audio.Length);
            reader.Push(audio[..length], samples);
            audio = audio[length..];
            if (samples.WrittenCount > longest.TotalSeconds * IVoiceActivityModel.SampleRate)
            {
                throw new AudioFormatException($"a clip must not be longer than {longest}; stream it instead");
            }
        }

        reader.Complete(samples);
        return samples.WrittenSpan.ToArray();
    }
}
