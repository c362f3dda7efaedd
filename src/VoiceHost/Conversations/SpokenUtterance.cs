using Google.Protobuf.WellKnownTypes;
using Inference.Speech.Audio;
using Inference.Speech.Conversation;
using Inference.Speech.Synthesis;

namespace Inference.VoiceHost.Conversations;

/// <summary>What of an utterance was sent, and what was heard: as the client says, else as the clock does. Thread-safe.</summary>
/// <param name="text">Its plain text, as far as it is written.</param>
/// <param name="turn">The turn that it answers; 0: none.</param>
/// <param name="tag">The client's own name for it.</param>
/// <param name="priority">In the queue.</param>
internal sealed class SpokenUtterance(Func<string> text, int turn, string tag, int priority)
{
    private readonly Lock _lock = new();
    private readonly List<SpeechMark> _marks = [];
    private long _sent, _playsUntil, _heardAtEnd;
    private long? _acknowledged;
    private int _rate;
    private SpeakingState _state;

    public Func<string> Text => text;

    public int Turn => turn;

    public string Tag => tag;

    public int Priority => priority;

    /// <summary>Samples sent, at <see cref="SampleRate"/>.</summary>
    public long Sent => _sent;

    public int SampleRate => _rate;

    /// <summary>Whether any of it was ever sent.</summary>
    public bool HasAudio => _rate > 0;

    /// <summary>Writes its audio; made with the first of it.</summary>
    public AudioWriter? Writer { get; set; }

    /// <summary>The text that the user has heard, in whole words.</summary>
    /// <param name="time">Now.</param>
    public string HeardText(TimeProvider time)
    {
        lock (_lock)
        {
            long heard = _acknowledged ?? (_state is SpeakingState.Stopped or SpeakingState.Failed ? _heardAtEnd : Played(time));
            return Speech.Conversation.HeardText.Of(text(), _marks, heard, _state == SpeakingState.Finished);
        }
    }

    /// <summary>Its audio goes to the client.</summary>
    /// <param name="chunk">The audio.</param>
    /// <param name="playsUntil">Timestamp of when it will have been heard.</param>
    public void Send(SpeechChunk chunk, long playsUntil)
    {
        lock (_lock)
        {
            _marks.AddRange(chunk.Marks);
            (_rate, _sent, _playsUntil) = (chunk.SampleRate, chunk.EndSample, playsUntil);
        }
    }

    /// <summary>When a sample is heard, since the first.</summary>
    public Duration TimeOf(long sample) => TimeOf(sample, Math.Max(1, _rate));

    /// <inheritdoc cref="TimeOf(long)"/>
    public static Duration TimeOf(long sample, int rate) => TimeSpan.FromSeconds((double)sample / rate).ToDuration();

    /// <summary>What was sent from this sample on is not played, and will be sent again.</summary>
    public void TakeBack(long sample, TimeProvider time)
    {
        lock (_lock)
        {
            _marks.RemoveAll(m => m.Sample >= sample);
            _playsUntil -= (long)((double)(_sent - sample) / _rate * time.TimestampFrequency);
            (_sent, _acknowledged) = (sample, _acknowledged is { } acknowledged ? Math.Min(acknowledged, sample) : null);
        }
    }

    /// <summary>Its state changes.</summary>
    public void Change(SpeakingState state, TimeProvider time)
    {
        lock (_lock)
        {
            (_state, _heardAtEnd) = (state, Played(time));
        }
    }

    /// <summary>The client has played so much of it.</summary>
    public void Acknowledge(TimeSpan position)
    {
        lock (_lock)
        {
            _acknowledged = Math.Min(_sent, Math.Max(_acknowledged ?? 0, (long)(position.TotalSeconds * _rate)));
        }
    }

    private long Played(TimeProvider time)
    {
        double ahead = Math.Max(0, (_playsUntil - time.GetTimestamp()) / (double)time.TimestampFrequency);
        return Math.Max(0, _sent - (long)Math.Ceiling(ahead * _rate));
    }
}
