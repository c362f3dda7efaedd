using Google.Protobuf.WellKnownTypes;
using Inference.Contracts.Speech.V1;
using Inference.Speech.Audio;
using Inference.Speech.Recognition;
using Inference.Speech.VoiceActivity;
using Inference.VoiceHost.Recognition;
using Endpointing = Inference.Contracts.Speech.V1.Endpointing;

namespace Inference.VoiceHost.Grpc;

/// <summary>Recognition on the wire.</summary>
internal static class WireRecognition
{
    private const int DefaultRate = 16_000;

    /// <summary>A word, some time after the beginning.</summary>
    public static Word ToWord(RecognizedWord word, TimeSpan offset) => new()
    {
        Text = word.Text,
        Start = (word.Start + offset).ToDuration(),
        End = (word.End + offset).ToDuration(),
        Confidence = word.Confidence,
    };

    /// <summary>What is asked of a recogniser.</summary>
    public static TranscriptionOptions ToOptions(RecognitionConfig config) => new()
    {
        Language = RecognizerCatalog.Language(config.Language),
        Translate = config.Translate,
        Prompt = config.Prompt,
        HotWords = [.. config.HotWords],
        WordTimes = config.WordTimes,
    };

    /// <summary>Reads the audio that the configuration describes.</summary>
    public static IAudioDecoder ToDecoder(RecognitionConfig config) => AudioDecoders.Create(
        WireEncodings.ToInput(config.Encoding),
        new AudioFormat(config.SampleRate == 0 ? DefaultRate : config.SampleRate, config.Channels == 0 ? 1 : config.Channels));

    /// <summary>When utterances begin and end; null is the default.</summary>
    public static EndpointingOptions ToEndpointing(Endpointing? wire)
    {
        EndpointingOptions defaults = new();
        return wire is null ? defaults : defaults with
        {
            Threshold = wire.HasThreshold ? wire.Threshold : defaults.Threshold,
            StartHistory = wire.StartHistory?.ToTimeSpan() ?? defaults.StartHistory,
            StartThreshold = wire.HasStartThreshold ? wire.StartThreshold : defaults.StartThreshold,
            StopHistory = wire.StopHistory?.ToTimeSpan() ?? defaults.StopHistory,
            StopThreshold = wire.HasStopThreshold ? wire.StopThreshold : defaults.StopThreshold,
            StopHistoryFirstPass = wire.StopHistoryFirstPass?.ToTimeSpan() ?? defaults.StopHistoryFirstPass,
            StopThresholdFirstPass = wire.HasStopThresholdFirstPass ? wire.StopThresholdFirstPass : defaults.StopThresholdFirstPass,
        };
    }
}
