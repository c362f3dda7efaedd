using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Google.Protobuf;
using Inference.Contracts.Speech.V1;
using Microsoft.Extensions.AI;

namespace Inference.ClientLib;

/// <summary>
/// Microsoft.Extensions.AI's client of speech to text over <see cref="SpeechClient"/>. Streams hold WAV, FLAC, Ogg Opus, or raw
/// 16-bit mono samples at SpeechSampleRate (16 kHz). A TextLanguage of "en" other than the SpeechLanguage
/// translates.
/// </summary>
[Experimental("MEAI001")]
public sealed class InferenceSpeechToTextClient : ISpeechToTextClient
{
    private const int PieceBytes = 8 << 10;

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
        RecognizeResponse response = await _client.Speech.RecognizeAsync(
            new RecognizeRequest
            {
                Config = ToConfig(options),
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

    /// <summary>Utterance after utterance while the stream is read: interim results as TextUpdating, final ones as TextUpdated.</summary>
    /// <inheritdoc/>
    public async IAsyncEnumerable<SpeechToTextResponseUpdate> GetStreamingTextAsync(
        Stream audioSpeechStream, SpeechToTextOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(audioSpeechStream);
        StreamingRecognitionConfig config = new() { Recognition = ToConfig(options), InterimResults = true };
        TimeSpan start = TimeSpan.Zero;
        await foreach (StreamingRecognizeResponse response in _client.Speech.StreamingRecognizeAsync(config, ReadAsync(audioSpeechStream, cancellationToken), null, cancellationToken))
        {
            TimeSpan at = response.Time.ToTimeSpan();
            start = response.Event == StreamingRecognizeResponse.Types.Event.SpeechStarted ? at : start;
            if (response.Event == StreamingRecognizeResponse.Types.Event.Result)
            {
                yield return new SpeechToTextResponseUpdate(response.Text)
                {
                    Kind = response.IsFinal ? SpeechToTextResponseUpdateKind.TextUpdated : SpeechToTextResponseUpdateKind.TextUpdating,
                    StartTime = start,
                    EndTime = at,
                    ModelId = options?.ModelId ?? _metadata.DefaultModelId,
                    RawRepresentation = response,
                };
            }
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

    private RecognitionConfig ToConfig(SpeechToTextOptions? options)
    {
        string spoken = options?.SpeechLanguage ?? "", wanted = options?.TextLanguage ?? spoken;
        bool translate = wanted.Length > 0 && !wanted.Equals(spoken, StringComparison.OrdinalIgnoreCase);
        if (translate && !wanted.StartsWith("en", StringComparison.OrdinalIgnoreCase))
        {
            throw new NotSupportedException($"TextLanguage: '{wanted}' is not supported, the spoken language and English are");
        }

        return new RecognitionConfig
        {
            Model = options?.ModelId ?? _metadata.DefaultModelId ?? "",
            Language = spoken,
            SampleRate = options?.SpeechSampleRate ?? 0,
            Translate = translate,
        };
    }

    private static async IAsyncEnumerable<ReadOnlyMemory<byte>> ReadAsync(Stream audio, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (true)
        {
            byte[] piece = new byte[PieceBytes];
            int length = await audio.ReadAsync(piece, cancellationToken);
            if (length == 0)
            {
                yield break;
            }

            yield return piece.AsMemory(0, length);
        }
    }
}
