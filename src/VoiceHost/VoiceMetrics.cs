using System.Diagnostics.Metrics;
using Inference.Contracts.Speech.V1;

namespace Inference.VoiceHost;

/// <summary>A voice host's instruments.</summary>
internal sealed class VoiceMetrics
{
    private static readonly double[] Bounds = [0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.25, 0.5, 0.75, 1, 1.5, 2, 3, 5, 10, 30];

    private readonly Counter<long> _answers;
    private readonly Histogram<double> _voiceToVoice, _endOfUtterance, _firstToken, _firstAudio;

    public VoiceMetrics(IMeterFactory factory)
    {
        Meter meter = factory.Create("Inference.VoiceHost");
        Syntheses = meter.CreateCounter<long>("speech_synthesis_requests", null, "Texts that were spoken, by engine and outcome: success, refused, failed or cancelled.");
        SynthesizedAudio = meter.CreateCounter<double>("speech_synthesis_audio_seconds", "s", "Audio that was made, by engine.");
        SynthesisFirstAudio = Seconds("speech_synthesis_first_audio_seconds", "From a text to its first audio, by engine.");
        RecognizedAudio = meter.CreateCounter<double>("speech_recognition_audio_seconds", "s", "Speech that was given to recognition, by model and kind: clip or stream.");
        RecognitionTime = Seconds("speech_recognition_seconds", "Time to transcribe a clip, by model.");
        RecognitionStreams = meter.CreateUpDownCounter<long>("speech_recognition_streams_running", null, "Streams of recognition, those of conversations among them, by model.");
        Conversations = meter.CreateUpDownCounter<long>("conversations_running", null, "Conversations.");
        _answers = meter.CreateCounter<long>("conversation_answers", null, "Answers that ended, by reason: complete, length, cancelled or failed.");
        _voiceToVoice = Seconds("conversation_voice_to_voice_seconds", "From the last voice of a turn to the first audio of its answer.");
        _endOfUtterance = Seconds("conversation_end_of_utterance_seconds", "From the last voice of a turn to the decision that it is over.");
        _firstToken = Seconds("conversation_first_token_seconds", "From a turn's end to the first token of its answer.");
        _firstAudio = Seconds("conversation_first_audio_seconds", "From the first token of an answer to its first audio.");

        Histogram<double> Seconds(string name, string description) =>
            meter.CreateHistogram(name, "s", description, null, new InstrumentAdvice<double> { HistogramBucketBoundaries = Bounds });
    }

    public Counter<long> Syntheses { get; }

    public Counter<double> SynthesizedAudio { get; }

    public Histogram<double> SynthesisFirstAudio { get; }

    public Counter<double> RecognizedAudio { get; }

    public Histogram<double> RecognitionTime { get; }

    public UpDownCounter<long> RecognitionStreams { get; }

    public UpDownCounter<long> Conversations { get; }

    /// <summary>Takes what a conversation tells its client.</summary>
    public void Observe(ConverseResponse response)
    {
        if (response.AnswerEnd is { } end)
        {
            _answers.Add(1, new KeyValuePair<string, object?>("reason", end.Reason.ToString().ToLowerInvariant()));
        }

        if (response.Metrics is { } turn)
        {
            _voiceToVoice.Record(turn.VoiceToVoice.ToTimeSpan().TotalSeconds);
            _endOfUtterance.Record(turn.EndOfUtterance.ToTimeSpan().TotalSeconds);
            _firstToken.Record(turn.FirstToken.ToTimeSpan().TotalSeconds);
            _firstAudio.Record(turn.FirstAudio.ToTimeSpan().TotalSeconds);
        }
    }
}
