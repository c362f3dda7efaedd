using Google.Protobuf.WellKnownTypes;
using Inference.Contracts.Speech.V1;
using Inference.Contracts.V1;
using Inference.Speech.Conversation;
using Inference.Speech.Recognition;
using Inference.Speech.Synthesis;
using Inference.Speech.VoiceActivity;
using Inference.VoiceHost.Conversations;
using Inference.VoiceHost.Recognition;

namespace Inference.VoiceHost.Grpc;

/// <summary>Conversations on the wire: what a client asks for, within the limits.</summary>
internal static class WireConversation
{
    private const int MaxModelLength = 256;
    private const int MaxTagLength = 256;
    private const int MaxPromptLength = 16_384;
    private const int MaxPriority = 100;
    private const int MaxWords = 100;
    private const int MaxWordLength = 64;
    private const int DefaultPriority = 10;

    /// <summary>The settings of a conversation.</summary>
    /// <exception cref="SpeechRequestException">A field is out of its limits: names it.</exception>
    public static ConversationSettings ToSettings(
        ConversationConfig config, ConversationOptions options, RecognizerCatalog recognizers, SynthesizerCatalog synthesizers, TimeProvider time)
    {
        ConversationMode mode = config.Mode switch
        {
            ConversationMode.Unspecified => ConversationMode.FullDuplex,
            ConversationMode.FullDuplex or ConversationMode.HalfDuplex or ConversationMode.PushToTalk => config.Mode,
            _ => throw new SpeechRequestException("mode", $"{config.Mode} is not known"),
        };
        SpeechRequest manner = ToRequest("", false, config.Manner, "manner");
        synthesizers.Find(manner);
        TurnEndOptions turnEnd = ToTurnEnd(config.TurnEnd ?? new TurnEndConfig());
        BargeInConfig bargeIn = config.BargeIn ?? new BargeInConfig();
        return new ConversationSettings
        {
            Mode = mode,
            CreateEar = Ear(config, recognizers, turnEnd, time),
            InterimResults = config.InterimResults,
            TurnEnd = turnEnd,
            BargeIn = ToBargeIn(bargeIn, config.Recognition?.Language),
            PauseAfter = Between(
                "barge_in.pause_after", bargeIn.PauseAfter, TimeSpan.FromMilliseconds(700), TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(10)),
            Manner = manner,
            Speaker = ToSpeaker(config),
            Request = ToGeneration(config.Answer ?? new AnswerConfig(), options),
            SystemPrompt = Short("answer.system_prompt", config.Answer is { HasSystemPrompt: true } answer ? answer.SystemPrompt : options.SystemPrompt, MaxPromptLength),
            Priority = Between("answer.priority", config.Answer is { HasPriority: true } ranked ? ranked.Priority : DefaultPriority, -MaxPriority, MaxPriority),
        };
    }

    /// <summary>What to say beside a conversation.</summary>
    /// <exception cref="SpeechRequestException">A field is out of its limits: names it.</exception>
    public static SpeechRequest ToRequest(Speak speak)
    {
        Between("priority", speak.Priority, -MaxPriority, MaxPriority);
        Short("tag", speak.Tag, MaxTagLength);
        return speak.InputCase switch
        {
            Speak.InputOneofCase.Text => ToRequest(speak.Text, false, speak.Manner, "text"),
            Speak.InputOneofCase.Ssml => ToRequest(speak.Ssml, true, speak.Manner, "ssml"),
            _ => throw new SpeechRequestException("input", "text or ssml is missing"),
        };
    }

    private static SpeechRequest ToRequest(string text, bool isSsml, SpeakingManner? manner, string field) =>
        text.Length <= SpeechRequest.MaxTextLength
            ? WireSpeech.ToRequest(text, isSsml, manner)
            : throw new SpeechRequestException(field, $"must be at most {SpeechRequest.MaxTextLength} characters, not {text.Length}");

    /// <summary>What could not be followed, and why.</summary>
    public static ConverseResponse ToRefusal(string field, string description, string tag = "") =>
        new() { Refusal = new Refusal { Field = field, Description = description, Tag = tag } };

    private static Speech.Audio.AudioEncoding ToEncoding(Contracts.Speech.V1.AudioEncoding encoding) => encoding == Contracts.Speech.V1.AudioEncoding.Wav
        ? throw new SpeechRequestException("encoding", "a conversation's audio is written as PCM16, FLOAT32, MULAW, ALAW, FLAC, OGG_OPUS or MP3, not Wav")
        : WireSpeech.ToEncoding(encoding);

    private static SpeakerSettings ToSpeaker(ConversationConfig config)
    {
        AudioOutput output = AudioOutput.Parse(ToEncoding(config.Encoding), config.SampleRate);
        // From within a file nothing can be taken.
        bool isFile = output.Encoding is Speech.Audio.AudioEncoding.Flac or Speech.Audio.AudioEncoding.OggOpus or Speech.Audio.AudioEncoding.Mp3;
        return new SpeakerSettings(
            output, Between("audio_lead", config.AudioLead, TimeSpan.FromMilliseconds(200), TimeSpan.FromMilliseconds(40), TimeSpan.FromSeconds(2)),
            Between("takeover.within", config.Takeover?.Within, TimeSpan.FromMilliseconds(100), TimeSpan.FromMilliseconds(50), TimeSpan.FromSeconds(5)),
            isFile || config.Takeover?.KeepsSent == true);
    }

    private static Func<Ear>? Ear(ConversationConfig config, RecognizerCatalog recognizers, TurnEndOptions turnEnd, TimeProvider time)
    {
        RecognitionConfig recognition = config.Recognition ?? new RecognitionConfig();
        if (recognizers.All.Count == 0 && recognition.Model.Length == 0)
        {
            return null;
        }

        ISpeechRecognizer recognizer = recognizers.Find(recognition.Model);
        // An utterance ends with the shortest silence that may end a turn; whether that is over, its words decide.
        TimeSpan silence = new[] { turnEnd.AfterSentence, turnEnd.AfterWords, turnEnd.AfterOpenWord }.Min();
        EndpointingOptions endpointing = WireRecognition.ToEndpointing(config.Endpointing) with { StopHistory = silence, StopHistoryFirstPass = silence };
        return () => new Ear(
            recognizer, WireRecognition.ToOptions(recognition), recognizers.VoiceActivity, endpointing, WireRecognition.ToDecoder(recognition), time);
    }

    private static BargeInOptions ToBargeIn(BargeInConfig config, string? language)
    {
        BargeInOptions defaults = new();
        return defaults with
        {
            MinWords = Between("barge_in.min_words", config.HasMinWords ? config.MinWords : defaults.MinWords, 1, 10),
            MinSpeech = Between("barge_in.min_speech", config.MinSpeech, defaults.MinSpeech, TimeSpan.Zero, TimeSpan.FromSeconds(5)),
            StopWords = Words("barge_in.stop_words", config.StopWords) ?? BargeInWords.Stop(language),
            ListeningSounds = Words("barge_in.listening_sounds", config.ListeningSounds) ?? BargeInWords.Listening(language),
        };
    }

    /// <summary>A client's own words; null: it has none.</summary>
    private static IReadOnlySet<string>? Words(string field, WordList? list)
    {
        Between(field, list?.Words.Count ?? 0, 0, MaxWords);
        return list is null ? null : BargeInWords.Set(list.Words.Select(w => Short(field, w, MaxWordLength)));
    }

    private static TurnEndOptions ToTurnEnd(TurnEndConfig config)
    {
        TurnEndOptions defaults = new();
        return new TurnEndOptions
        {
            AfterSentence = Silence("turn_end.after_sentence", config.AfterSentence, defaults.AfterSentence),
            AfterWords = Silence("turn_end.after_words", config.AfterWords, defaults.AfterWords),
            AfterOpenWord = Silence("turn_end.after_open_word", config.AfterOpenWord, defaults.AfterOpenWord),
        };

        static TimeSpan Silence(string field, Duration? value, TimeSpan otherwise) =>
            Between(field, value, otherwise, TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(10));
    }

    private static GenerateRequest ToGeneration(AnswerConfig answer, ConversationOptions options)
    {
        SamplingParameters sampling = new()
        {
            MaxTokens = Between("answer.max_tokens", answer.HasMaxTokens ? answer.MaxTokens : options.MaxTokens, 1, options.MaxTokens),
        };
        if ((answer.HasTemperature ? answer.Temperature : options.Temperature) is { } temperature)
        {
            sampling.Temperature = temperature is >= 0 and <= 2
                ? temperature
                : throw new SpeechRequestException("answer.temperature", $"must be 0 to 2, not {temperature}");
        }

        return new GenerateRequest
        {
            Model = Short("answer.model", answer.Model.Length > 0 ? answer.Model : options.Model, MaxModelLength),
            Sampling = sampling,
        };
    }

    private static int Between(string field, int value, int least, int most) =>
        value >= least && value <= most ? value : throw new SpeechRequestException(field, $"must be {least} to {most}, not {value}");

    private static TimeSpan Between(string field, Duration? value, TimeSpan otherwise, TimeSpan least, TimeSpan most) =>
        value is null ? otherwise
        : value.ToTimeSpan() is var time && time >= least && time <= most ? time
        : throw new SpeechRequestException(field, $"must be {least.TotalSeconds} to {most.TotalSeconds} s, not {value.ToTimeSpan().TotalSeconds}");

    private static string Short(string field, string value, int most) =>
        value.Length <= most ? value : throw new SpeechRequestException(field, $"must be at most {most} characters, not {value.Length}");
}
