using System.Runtime.CompilerServices;
using Google.Protobuf.WellKnownTypes;
using Inference.Contracts.Speech.V1;
using Inference.Rpc.Server;
using Inference.Speech.Recognition;
using Inference.Speech.Synthesis;
using Inference.Speech.VoiceActivity;
using Inference.VoiceHost.Recognition;
using Microsoft.AspNetCore.Routing;
using WireEvent = Inference.Contracts.Speech.V1.StreamingRecognizeResponse.Types.Event;

namespace Inference.VoiceHost.Grpc;

/// <summary>inference.speech.v1.RecognitionService.</summary>
internal sealed class RecognitionGrpcService(RecognizerCatalog recognizers)
{
    /// <summary>Binds the service's methods.</summary>
    public void Map(IEndpointRouteBuilder endpoints) =>
        endpoints.MapGrpcService(RecognitionReflection.Descriptor.Services[0], service => service
            .Errors(GrpcErrors.From)
            .Unary<RecognizeRequest, RecognizeResponse>("Recognize", (request, context) => RecognizeAsync(request, context.CancellationToken))
            .Duplex<StreamingRecognizeRequest, StreamingRecognizeResponse>(
                "StreamingRecognize", (requests, context) => StreamAsync(requests, context.CancellationToken)));

    private async Task<RecognizeResponse> RecognizeAsync(RecognizeRequest request, CancellationToken cancellationToken)
    {
        RecognitionConfig config = request.Config ?? new RecognitionConfig();
        float[] samples = recognizers.Read(request.Audio.Span, WireRecognition.ToDecoder(config));
        Transcript transcript = await recognizers.Find(config.Model).TranscribeAsync(samples, WireRecognition.ToOptions(config), cancellationToken);
        RecognizeResponse response = new()
        {
            Text = transcript.Text,
            Language = transcript.Language,
            LanguageProbability = transcript.LanguageProbability,
            Duration = transcript.Duration.ToDuration(),
        };
        response.Segments.AddRange(transcript.Segments.Select(ToSegment));
        return response;
    }

    private async IAsyncEnumerable<StreamingRecognizeResponse> StreamAsync(
        IAsyncEnumerable<StreamingRecognizeRequest> requests, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await using IAsyncEnumerator<StreamingRecognizeRequest> incoming = requests.GetAsyncEnumerator(cancellationToken);
        if (!await incoming.MoveNextAsync() || incoming.Current.RequestCase != StreamingRecognizeRequest.RequestOneofCase.Config)
        {
            throw new SpeechRequestException("config", "the first request must hold the configuration");
        }

        StreamingRecognitionConfig config = incoming.Current.Config;
        RecognitionConfig recognition = config.Recognition ?? new RecognitionConfig();
        StreamingRecognition stream = new(
            recognizers.Find(recognition.Model), WireRecognition.ToOptions(recognition), recognizers.VoiceActivity, WireRecognition.ToEndpointing(config.Endpointing));
        await foreach (RecognitionEvent next in stream.RunAsync(Audio(incoming), WireRecognition.ToDecoder(recognition), cancellationToken))
        {
            if (next.Update is null or { IsFinal: true } || config.InterimResults)
            {
                yield return ToResponse(next, recognition.WordTimes);
            }
        }
    }

    private static async IAsyncEnumerable<ReadOnlyMemory<byte>> Audio(IAsyncEnumerator<StreamingRecognizeRequest> incoming)
    {
        while (await incoming.MoveNextAsync())
        {
            yield return incoming.Current.RequestCase == StreamingRecognizeRequest.RequestOneofCase.Audio
                ? incoming.Current.Audio.Memory
                : throw new SpeechRequestException("audio", "requests after the first must hold audio");
        }
    }

    private static StreamingRecognizeResponse ToResponse(RecognitionEvent next, bool wordTimes)
    {
        StreamingRecognizeResponse response = new()
        {
            Event = next.Endpoint switch
            {
                Endpoint.Started => WireEvent.SpeechStarted,
                Endpoint.ProbablyEnded => WireEvent.SpeechProbablyEnded,
                Endpoint.Resumed => WireEvent.SpeechResumed,
                Endpoint.Ended => WireEvent.SpeechEnded,
                _ => WireEvent.Result,
            },
            Time = next.Time.ToDuration(),
        };
        if (next.Update is { } update)
        {
            (response.Text, response.StableText, response.IsFinal) = (update.Text, update.StableText, update.IsFinal);
            (response.Stability, response.Confidence, response.Language) = (update.Stability, update.Confidence, update.Language);
            if (wordTimes && update.IsFinal)
            {
                response.Words.AddRange(update.Words.Select(w => WireRecognition.ToWord(w, next.UtteranceStart)));
            }
        }

        return response;
    }

    private static Segment ToSegment(TranscriptSegment segment)
    {
        Segment result = new()
        {
            Start = segment.Start.ToDuration(),
            End = segment.End.ToDuration(),
            Text = segment.Text,
            MeanLogProbability = segment.MeanLogProbability,
            NoSpeechProbability = segment.NoSpeechProbability,
        };
        result.Words.AddRange(segment.Words.Select(w => WireRecognition.ToWord(w, TimeSpan.Zero)));
        return result;
    }
}
