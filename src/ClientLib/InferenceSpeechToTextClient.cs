using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Google.Protobuf;
using Inference.Contracts.Speech.V1;
using Microsoft.Extensions.AI;

namespace Inference.ClientLib;

/// <summary>
/// Microsoft.Extensions.AI's client of speech to text over <see cref="SpeechClient"/>. The stream is read to its end first: WAV,
/// FLAC, Ogg Opus, or raw 16-bit mono samples at SpeechSampleRate (16 kHz). A TextLanguage of "en" other than the SpeechLanguage
/// translates.
/// </summary>
[Experimental("MEAI001")]
public sealed class InferenceSpeechToTextClient : ISpeechToTextClient
{
    private readonly InferenceClient _client;
    private readonly SpeechToTextClientMetadata _metadata;

    /// <param name="client">Stays the caller's to dispose.</param>
    /// <param name="model">Where the options name none. Null: the server's default model.</param>
    public InferenceSpeechToTextClient(InferenceClient client, string? model = null)
    {
        ArgumentNullException.ThrowIfNull(client);
        _client = client;
        _metadata = new SpeechToTextClientMetadata("inference", client.Options.Addresses[0], model);
    }

    /// <inheritdoc/>
    public async Task<SpeechToTextResponse> GetTextAsync(
        Stream audioSpeechStream, SpeechToTextOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(audioSpeechStream);
        string spoken = options?.SpeechLanguage ?? "", wanted = options?.TextLanguage ?? spoken;
        bool translate = wanted.Length > 0 && !wanted.Equals(spoken, StringComparison.OrdinalIgnoreCase);
        if (translate && !wanted.StartsWith("en", StringComparison.OrdinalIgnoreCase))
        {
            throw new NotSupportedException($"TextLanguage: '{wanted}' is not supported, the spoken language and English are");
        }

        RecognizeResponse response = await _client.Speech.RecognizeAsync(
            new RecognizeRequest
            {
                Config = new RecognitionConfig
                {
                    Model = options?.ModelId ?? _metadata.DefaultModelId ?? "",
                    Language = spoken,
                    SampleRate = options?.SpeechSampleRate ?? 0,
                    Translate = translate,
                },
                Audio = await ByteString.FromStreamAsync(audioSpeechStream, cancellationToken),
            },
            null, cancellationToken);
        return new SpeechToTextResponse(response.Text)
        {
            StartTime = TimeSpan.Zero,
            EndTime = response.Duration.ToTimeSpan(),
            ModelId = options?.ModelId ?? _metadata.DefaultModelId,
            RawRepresentation = response,
        };
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<SpeechToTextResponseUpdate> GetStreamingTextAsync(
        Stream audioSpeechStream, SpeechToTextOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        SpeechToTextResponse response = await GetTextAsync(audioSpeechStream, options, cancellationToken);
        foreach (SpeechToTextResponseUpdate update in response.ToSpeechToTextResponseUpdates())
        {
            yield return update;
        }
    }

    /// <inheritdoc/>
    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceKey is not null ? null
            : serviceType == typeof(SpeechToTextClientMetadata) ? _metadata
            : serviceType.IsInstanceOfType(this) ? this
            : serviceType.IsInstanceOfType(_client) ? _client
            : null;
    }

    /// <summary>Nothing: the <see cref="InferenceClient"/> is the caller's.</summary>
    public void Dispose()
    {
    }
}
