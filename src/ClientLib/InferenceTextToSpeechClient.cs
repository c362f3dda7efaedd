using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Inference.Contracts.Speech.V1;
using Microsoft.Extensions.AI;

namespace Inference.ClientLib;

/// <summary>
/// Microsoft.Extensions.AI's client of text to speech over <see cref="SpeechClient"/>. AudioFormat: "wav" (default), "pcm" (raw
/// 16-bit samples at the voice's rate) or "opus" (in Ogg). "emotion" in AdditionalProperties names a preset.
/// </summary>
[Experimental("MEAI001")]
public sealed class InferenceTextToSpeechClient : ITextToSpeechClient
{
    private readonly InferenceClient _client;
    private readonly TextToSpeechClientMetadata _metadata;

    /// <param name="client">Stays the caller's to dispose.</param>
    public InferenceTextToSpeechClient(InferenceClient client)
    {
        ArgumentNullException.ThrowIfNull(client);
        _client = client;
        _metadata = new TextToSpeechClientMetadata("inference", client.Options.Addresses[0], null);
    }

    /// <inheritdoc/>
    public async Task<TextToSpeechResponse> GetAudioAsync(string text, TextToSpeechOptions? options = null, CancellationToken cancellationToken = default)
    {
        (SynthesizeRequest request, string mediaType) = ToRequest(text, options);
        using MemoryStream audio = new();
        await foreach (SynthesizeResponse response in _client.Speech.SynthesizeAsync(request, null, cancellationToken))
        {
            response.Audio.WriteTo(audio);
        }

        return new TextToSpeechResponse([new DataContent(audio.ToArray(), mediaType)]);
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<TextToSpeechResponseUpdate> GetStreamingAudioAsync(
        string text, TextToSpeechOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        (SynthesizeRequest request, string mediaType) = ToRequest(text, options);
        await foreach (SynthesizeResponse response in _client.Speech.SynthesizeAsync(request, null, cancellationToken))
        {
            yield return new TextToSpeechResponseUpdate([new DataContent(response.Audio.ToByteArray(), mediaType)]) { RawRepresentation = response };
        }
    }

    /// <inheritdoc/>
    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceKey is not null ? null
            : serviceType == typeof(TextToSpeechClientMetadata) ? _metadata
            : serviceType.IsInstanceOfType(this) ? this
            : serviceType.IsInstanceOfType(_client) ? _client
            : null;
    }

    /// <summary>Nothing: the <see cref="InferenceClient"/> is the caller's.</summary>
    public void Dispose()
    {
    }

    private static (SynthesizeRequest Request, string MediaType) ToRequest(string text, TextToSpeechOptions? options)
    {
        ArgumentNullException.ThrowIfNull(text);
        (AudioEncoding encoding, string mediaType) = options?.AudioFormat switch
        {
            null or "wav" or "audio/wav" => (AudioEncoding.Wav, "audio/wav"),
            "pcm" or "audio/pcm" => (AudioEncoding.Pcm16, "audio/pcm"),
            "opus" or "audio/ogg" => (AudioEncoding.OggOpus, "audio/ogg"),
            "flac" or "audio/flac" => (AudioEncoding.Flac, "audio/flac"),
            "mp3" or "audio/mpeg" => (AudioEncoding.Mp3, "audio/mpeg"),
            string other => throw new NotSupportedException($"AudioFormat: '{other}' is not supported; wav, pcm, opus, flac and mp3 are"),
        };
        SynthesizeRequest request = new()
        {
            Text = text,
            Voice = options?.VoiceId ?? "",
            Language = options?.Language ?? "",
            Encoding = encoding,
            Emotion = options?.AdditionalProperties?.GetValueOrDefault("emotion")?.ToString() ?? "",
        };
        request.Rate = options?.Speed ?? 1;
        request.Pitch = options?.Pitch ?? 1;
        request.Volume = options?.Volume ?? 1;
        return (request, mediaType);
    }
}
