using System.Buffers;
using Google.Protobuf;
using Inference.Contracts.Speech.V1;
using Inference.Speech.Conversation;
using Inference.Speech.Synthesis;
using Inference.VoiceHost.Grpc;
using SpeakingAudio = Inference.Speech.Conversation.SpeakingAudio;
using WireAudio = Inference.Contracts.Speech.V1.SpeakingAudio;

namespace Inference.VoiceHost.Conversations;

/// <summary>
/// The mouth of a conversation: a speaking queue whose audio goes to the client in real time, a little ahead of being heard.
/// </summary>
internal sealed class Speaker : IAsyncDisposable
{
    // As many as the queue can say again.
    private const int KeptUtterances = 16;

    private readonly SpeakerSettings _settings;
    private readonly TimeProvider _time;
    private readonly Func<ConverseResponse, ValueTask> _send;
    private readonly Action<long> _onAudio, _onEnded;
    private readonly SpeakingQueue _queue;
    private readonly Lock _lock = new();
    private readonly Dictionary<long, SpokenUtterance> _utterances = [];
    private readonly Queue<long> _ended = new();
    private readonly ArrayBufferWriter<byte> _bytes = new();
    private long _playsUntil, _speaking, _lastSent;
    private bool _isPaused, _isHeld;

    /// <param name="synthesizer">Makes the audio.</param>
    /// <param name="settings">What the client wants.</param>
    /// <param name="time">The clock by which audio is sent.</param>
    /// <param name="send">Takes audio and changes of state.</param>
    /// <param name="onAudio">Is told of each utterance's first audio, once sent.</param>
    /// <param name="onEnded">Is told of each utterance's end, once sent.</param>
    public Speaker(
        ISpeechSynthesizer synthesizer, SpeakerSettings settings, TimeProvider time,
        Func<ConverseResponse, ValueTask> send, Action<long> onAudio, Action<long> onEnded)
    {
        (_settings, _time, _send, _onAudio, _onEnded) = (settings, time, send, onAudio, onEnded);
        _queue = new SpeakingQueue(synthesizer, time, settings.Takeover, settings.KeepsSent ? null : () => Ahead);
    }

    /// <summary>Whether the user hears something, or is about to.</summary>
    public bool IsSpeaking => Interlocked.Read(ref _speaking) != 0 || Ahead > TimeSpan.Zero;

    private TimeSpan Ahead =>
        TimeSpan.FromSeconds(Math.Max(0, Interlocked.Read(ref _playsUntil) - _time.GetTimestamp()) / (double)_time.TimestampFrequency);

    /// <summary>Says a text that is being written.</summary>
    /// <exception cref="InvalidOperationException">The queue is full.</exception>
    public (long Id, SpokenUtterance Utterance) Say(SpeechRequest manner, GrowingText text, int priority, int turn)
    {
        lock (_lock)
        {
            SpokenUtterance utterance = new(() => text.Text, turn, "", priority);
            long id = _queue.Enqueue(manner, text, priority);
            _utterances.Add(id, utterance);
            return (id, utterance);
        }
    }

    /// <summary>Says a text.</summary>
    /// <exception cref="InvalidOperationException">The queue is full.</exception>
    /// <exception cref="SpeechRequestException">It cannot be spoken.</exception>
    public void Say(SpeechRequest request, int priority, string tag)
    {
        lock (_lock)
        {
            string text = request.IsSsml ? SpeechMarkup.PlainText(request.Text) : request.Text;
            _utterances.Add(_queue.Enqueue(request, priority), new SpokenUtterance(() => text, 0, tag, priority));
        }
    }

    /// <summary>Says an utterance again. False: it is not known any more.</summary>
    public bool Replay(long id)
    {
        lock (_lock)
        {
            if (!_utterances.TryGetValue(id, out SpokenUtterance? old) || _queue.Replay(id) is not { } next)
            {
                return false;
            }

            _utterances.Add(next, new SpokenUtterance(old.Text, old.Turn, old.Tag, old.Priority));
            return true;
        }
    }

    /// <summary>Ends an utterance at once. False: it is not in the queue.</summary>
    public bool Stop(long id) => _queue.Stop(id);

    /// <summary>Ends all at once.</summary>
    public void StopAll() => _queue.StopAll();

    /// <summary>Ends what speaks. False: nothing does.</summary>
    public bool Skip() => _queue.Skip();

    /// <summary>Silence, because the client says so.</summary>
    public void Pause(bool isPaused) => Silence(isPaused, _isHeld);

    /// <summary>Silence, because the user speaks.</summary>
    public void Hold(bool isHeld) => Silence(_isPaused, isHeld);

    /// <summary>Nothing more will be said: <see cref="RunAsync"/> ends after the last. What is paused ends here.</summary>
    public void Complete()
    {
        if (_isPaused)
        {
            _queue.StopAll();
        }

        _queue.Complete();
    }

    /// <summary>The client has played so much. False: the utterance is not known.</summary>
    public bool Acknowledge(long id, TimeSpan position)
    {
        lock (_lock)
        {
            if (!_utterances.TryGetValue(id, out SpokenUtterance? utterance))
            {
                return false;
            }

            utterance.Acknowledge(position);
            return true;
        }
    }

    /// <summary>Sends, in real time, until <see cref="Complete"/>.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await using IAsyncEnumerator<SpeakingOutput> outputs = _queue.ReadAllAsync(cancellationToken).GetAsyncEnumerator(cancellationToken);
        while (true)
        {
            // Before the next is taken, since what is taken is spoken.
            if (Ahead - _settings.Lead is var early && early > TimeSpan.Zero)
            {
                await Task.Delay(early, _time, cancellationToken);
            }

            if (!await outputs.MoveNextAsync())
            {
                return;
            }

            SpokenUtterance utterance = Find(outputs.Current.UtteranceId);
            await (outputs.Current switch
            {
                SpeakingAudio audio => SendAsync(audio, utterance),
                SpeakingStateChange change => SendAsync(change, utterance),
                _ => throw new InvalidOperationException($"{outputs.Current.GetType().Name} is not known"),
            });
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _queue.DisposeAsync();
        foreach (SpokenUtterance utterance in _utterances.Values)
        {
            utterance.Writer?.Dispose();
        }
    }

    private void Silence(bool isPaused, bool isHeld)
    {
        (_isPaused, _isHeld) = (isPaused, isHeld);
        if (isPaused || isHeld)
        {
            _queue.Pause();
        }
        else
        {
            _queue.Resume();
        }
    }

    private SpokenUtterance Find(long id)
    {
        lock (_lock)
        {
            return _utterances[id];
        }
    }

    private async Task SendAsync(SpeakingAudio audio, SpokenUtterance utterance)
    {
        SpeechChunk chunk = audio.Chunk;
        bool isFirst = !utterance.HasAudio;
        utterance.Writer ??= _settings.Output.CreateWriter(chunk.SampleRate);
        utterance.Writer.Write(chunk.Samples.Span, _bytes);
        long now = _time.GetTimestamp(), length = (long)((double)chunk.Samples.Length / chunk.SampleRate * _time.TimestampFrequency);
        Interlocked.Exchange(ref _playsUntil, Math.Max(now, Interlocked.Read(ref _playsUntil)) + length);
        utterance.Send(chunk, Interlocked.Read(ref _playsUntil));
        _lastSent = audio.UtteranceId;
        WireAudio wire = Take(audio.UtteranceId, utterance.Writer.SampleRate, chunk.FirstSample, chunk.SampleRate);
        wire.Marks.AddRange(chunk.Marks.Select(m => WireSpeech.ToMark(m, chunk.SampleRate)));
        await _send(new ConverseResponse { Audio = wire });
        if (isFirst)
        {
            _onAudio(audio.UtteranceId);
        }
    }

    private async Task SendAsync(SpeakingStateChange change, SpokenUtterance utterance)
    {
        bool isEnd = change.State is SpeakingState.Finished or SpeakingState.Stopped or SpeakingState.Failed;
        Interlocked.Exchange(ref _speaking, change.State is SpeakingState.Started or SpeakingState.Resumed ? change.UtteranceId
            : change.State == SpeakingState.Queued || _speaking != change.UtteranceId ? _speaking : 0);
        utterance.Change(change.State, _time);
        if (change.State == SpeakingState.Finished && utterance.Writer is { } writer)
        {
            writer.Complete(_bytes);
            if (_bytes.WrittenCount > 0)
            {
                await _send(new ConverseResponse { Audio = Take(change.UtteranceId, writer.SampleRate, utterance.Sent, utterance.SampleRate) });
            }
        }

        if (change.State == SpeakingState.Stopped && _lastSent == change.UtteranceId)
        {
            // The client drops what it has not played.
            Interlocked.Exchange(ref _playsUntil, _time.GetTimestamp());
        }

        SpeakingChange wire = new()
        {
            UtteranceId = change.UtteranceId,
            State = WireSpeech.ToState(change.State),
            Turn = utterance.Turn,
            Tag = utterance.Tag,
            Priority = utterance.Priority,
            SpokenText = change.State == SpeakingState.Stopped ? utterance.HeardText(_time) : change.SpokenText,
            Error = change.Error ?? "",
        };
        if (change.State == SpeakingState.Paused)
        {
            (wire.HeardUntil, wire.ResumesAt) = (utterance.TimeOf(change.HeardUntil), utterance.TimeOf(change.ResumesAt));
            TakeBack(change, utterance);
        }

        await _send(new ConverseResponse { Speaking = wire });
        if (isEnd)
        {
            Forget(change.UtteranceId, utterance);
            _onEnded(change.UtteranceId);
        }
    }

    private void TakeBack(SpeakingStateChange change, SpokenUtterance utterance)
    {
        if (change.ResumesAt < utterance.Sent)
        {
            long unheard = Math.Max(0, utterance.Sent - change.HeardUntil);
            Interlocked.Add(ref _playsUntil, -(long)((double)unheard / utterance.SampleRate * _time.TimestampFrequency));
            utterance.TakeBack(change.ResumesAt, _time);
            if (!_settings.KeepsSent)
            {
                // What goes on is written from its first sample on, without the filter's memory of what was dropped.
                utterance.Writer?.Dispose();
                utterance.Writer = null;
            }
        }
    }

    private void Forget(long id, SpokenUtterance utterance)
    {
        utterance.Writer?.Dispose();
        utterance.Writer = null;
        lock (_lock)
        {
            _ended.Enqueue(id);
            if (_ended.Count > KeptUtterances)
            {
                _utterances.Remove(_ended.Dequeue());
            }
        }
    }

    private WireAudio Take(long id, int rate, long firstSample, int sourceRate)
    {
        WireAudio audio = new()
        {
            UtteranceId = id,
            Audio = ByteString.CopyFrom(_bytes.WrittenSpan),
            SampleRate = rate,
            Start = SpokenUtterance.TimeOf(firstSample, sourceRate),
        };
        _bytes.ResetWrittenCount();
        return audio;
    }
}
