using System.Globalization;
using System.Runtime.CompilerServices;
using Inference.Contracts.Riva;
using Inference.Contracts.Riva.Asr;
using Inference.Rpc.Server;
using Inference.Speech.Audio;
using Inference.Speech.Recognition;
using Inference.Speech.Synthesis;
using Inference.Speech.VoiceActivity;
using Inference.VoiceHost.Recognition;
using Microsoft.AspNetCore.Routing;

namespace Inference.VoiceHost.Grpc;

/// <summary>nvidia.riva.asr.RivaSpeechRecognition, for clients of Riva.</summary>
internal sealed class RivaRecognitionService(RecognizerCatalog recognizers)
{
    private const int DefaultRate = 16_000;

    /// <summary>Binds the service's methods.</summary>
    public void Map(IEndpointRouteBuilder endpoints) =>
        endpoints.MapGrpcService(RivaAsrReflection.Descriptor.Services[0], service => service
            .Errors(GrpcErrors.From)
            .Unary<RecognizeRequest, RecognizeResponse>("Recognize", (request, context) => RecognizeAsync(request, context.CancellationToken))
            .Duplex<StreamingRecognizeRequest, StreamingRecognizeResponse>(
                "StreamingRecognize", (requests, context) => StreamAsync(requests, context.CancellationToken))
            .Unary<RivaSpeechRecognitionConfigRequest, RivaSpeechRecognitionConfigResponse>(
                "GetRivaSpeechRecognitionConfig", (request, _) => Task.FromResult(Describe(request))));

    private RivaSpeechRecognitionConfigResponse Describe(RivaSpeechRecognitionConfigRequest request)
    {
        RivaSpeechRecognitionConfigResponse response = new() { Id = request.Id };
        foreach (ISpeechRecognizer recognizer in recognizers.All.Where(r => request.ModelName.Length == 0 || r.Name == request.ModelName))
        {
            // Clients choose by the type: each model serves both.
            foreach (string type in (string[])["online", "offline"])
            {
                RivaSpeechRecognitionConfigResponse.Types.Config config = new() { ModelName = recognizer.Name };
                config.Parameters.Add("type", type);
                config.Parameters.Add("language_code", string.Join(",", recognizer.Languages));
                config.Parameters.Add("sample_rate", IVoiceActivityModel.SampleRate.ToString(CultureInfo.InvariantCulture));
                response.ModelConfig.Add(config);
            }
        }

        return response;
    }

    private async Task<RecognizeResponse> RecognizeAsync(RecognizeRequest request, CancellationToken cancellationToken)
    {
        RecognitionConfig config = request.Config ?? throw new SpeechRequestException("config", "is missing");
        ISpeechRecognizer recognizer = recognizers.Find(config.Model);
        TranscriptionOptions options = ToOptions(config);
        RecognizeResponse response = new() { Id = request.Id };
        int?[] channels = config.EnableSeparateRecognitionPerChannel ? [.. Enumerable.Range(0, Math.Max(1, config.AudioChannelCount))] : [null];
        foreach (int? channel in channels)
        {
            float[] samples = recognizers.Read(request.Audio.Span, Decoder(config), channel);
            Transcript transcript = await recognizer.TranscribeAsync(samples, options, cancellationToken);
            foreach (TranscriptSegment segment in transcript.Segments)
            {
                SpeechRecognitionResult result = new() { ChannelTag = (channel ?? 0) + 1, AudioProcessed = (float)segment.End.TotalSeconds };
                SpeechRecognitionAlternative alternative = new() { Transcript = segment.Text, Confidence = MathF.Exp(segment.MeanLogProbability) };
                alternative.LanguageCode.Add(transcript.Language);
                alternative.Words.AddRange(segment.Words.Select(w => ToWord(w, TimeSpan.Zero, transcript.Language)));
                result.Alternatives.Add(alternative);
                response.Results.Add(result);
            }
        }

        return response;
    }

    private async IAsyncEnumerable<StreamingRecognizeResponse> StreamAsync(
        IAsyncEnumerable<StreamingRecognizeRequest> requests, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await using IAsyncEnumerator<StreamingRecognizeRequest> incoming = requests.GetAsyncEnumerator(cancellationToken);
        if (!await incoming.MoveNextAsync() || incoming.Current.StreamingConfig is not { Config: { } config } streaming)
        {
            throw new SpeechRequestException("streaming_config", "the first request must hold the configuration");
        }

        if (config.EnableSeparateRecognitionPerChannel)
        {
            throw new SpeechRequestException("enable_separate_recognition_per_channel", "is served by Recognize only");
        }

        RequestId? id = incoming.Current.Id;
        StreamingRecognition stream = new(
            recognizers.Find(config.Model), ToOptions(config), recognizers.VoiceActivity, ToEndpointing(config.EndpointingConfig));
        RecognitionUpdate? latest = null;
        bool isProbablyOver = false;
        await foreach (RecognitionEvent next in stream.RunAsync(Audio(incoming), Decoder(config), cancellationToken))
        {
            // A result that comes late, when the first pass has gone by, is one of the first pass.
            latest = next.Endpoint == Endpoint.Started ? null : next.Update ?? latest;
            isProbablyOver = next.Endpoint switch
            {
                Endpoint.Started or Endpoint.Resumed => false,
                Endpoint.ProbablyEnded or Endpoint.Ended => true,
                _ => isProbablyOver,
            };
            bool isInterim = latest is { IsFinal: false } && (next.Update is not null || next.Endpoint == Endpoint.ProbablyEnded);
            if ((isInterim && streaming.InterimResults) || next.Update is { IsFinal: true })
            {
                yield return new StreamingRecognizeResponse { Id = id, Results = { ToResult(next, latest!, isProbablyOver) } };
            }
        }
    }

    private static async IAsyncEnumerable<ReadOnlyMemory<byte>> Audio(IAsyncEnumerator<StreamingRecognizeRequest> incoming)
    {
        while (await incoming.MoveNextAsync())
        {
            yield return incoming.Current.StreamingRequestCase == StreamingRecognizeRequest.StreamingRequestOneofCase.AudioContent
                ? incoming.Current.AudioContent.Memory
                : throw new SpeechRequestException("audio_content", "requests after the first must hold audio");
        }
    }

    private static StreamingRecognitionResult ToResult(RecognitionEvent next, RecognitionUpdate update, bool isFirstPass)
    {
        SpeechRecognitionAlternative alternative = new() { Transcript = update.Text };
        StreamingRecognitionResult result = new()
        {
            IsFinal = update.IsFinal,
            Stability = update.IsFinal ? 0 : isFirstPass ? 1 : update.Stability,
            ChannelTag = 1,
            AudioProcessed = (float)next.Time.TotalSeconds,
            Alternatives = { alternative },
        };
        if (update.IsFinal)
        {
            alternative.Confidence = update.Confidence;
            alternative.LanguageCode.Add(update.Language);
            alternative.Words.AddRange(update.Words.Select(w => ToWord(w, next.UtteranceStart, update.Language)));
        }

        if (next.Probabilities.Count > 0)
        {
            result.PipelineStates = new PipelineStates { VadProbabilities = { next.Probabilities } };
        }

        return result;
    }

    private static WordInfo ToWord(RecognizedWord word, TimeSpan offset, string language) => new()
    {
        Word = word.Text,
        StartTime = (int)(word.Start + offset).TotalMilliseconds,
        EndTime = (int)(word.End + offset).TotalMilliseconds,
        Confidence = word.Confidence,
        LanguageCode = language,
    };

    private static TranscriptionOptions ToOptions(RecognitionConfig config)
    {
        if (config.DiarizationConfig is { EnableSpeakerDiarization: true })
        {
            throw new SpeechRequestException("diarization_config", "speakers are not told apart here");
        }

        if (config.ProfanityFilter)
        {
            throw new SpeechRequestException("profanity_filter", "words are not filtered here");
        }

        return new TranscriptionOptions
        {
            Language = RecognizerCatalog.Language(config.LanguageCode),
            HotWords = [.. config.SpeechContexts.SelectMany(c => c.Phrases)],
            WordTimes = config.EnableWordTimeOffsets,
        };
    }

    private static IAudioDecoder Decoder(RecognitionConfig config) => AudioDecoders.Create(
        WireEncodings.ToInput(config.Encoding),
        new AudioFormat(config.SampleRateHertz == 0 ? DefaultRate : config.SampleRateHertz, config.AudioChannelCount == 0 ? 1 : config.AudioChannelCount));

    private static EndpointingOptions ToEndpointing(EndpointingConfig? wire)
    {
        EndpointingOptions defaults = new();
        return wire is null ? defaults : defaults with
        {
            StartHistory = wire.HasStartHistory ? TimeSpan.FromMilliseconds(wire.StartHistory) : defaults.StartHistory,
            StartThreshold = wire.HasStartThreshold ? wire.StartThreshold : defaults.StartThreshold,
            StopHistory = wire.HasStopHistory ? TimeSpan.FromMilliseconds(wire.StopHistory) : defaults.StopHistory,
            StopThreshold = wire.HasStopThreshold ? wire.StopThreshold : defaults.StopThreshold,
            StopHistoryFirstPass = wire.HasStopHistoryEou ? TimeSpan.FromMilliseconds(wire.StopHistoryEou) : defaults.StopHistoryFirstPass,
            StopThresholdFirstPass = wire.HasStopThresholdEou ? wire.StopThresholdEou : defaults.StopThresholdFirstPass,
        };
    }
}
