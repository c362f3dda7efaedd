using System.Buffers;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
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
/// <param name="synthesizer">Makes the audio.</param>
/// <param name="output">What the client wants it to be.</param>
/// <param name="lead">How far ahead audio is sent.</param>
/// <param name="time">The clock by which it is sent.</param>
/// <param name="send">Takes audio and changes of state.</param>
/// <param name="onAudio">Is told of each utterance's first audio, once sent.</param>
/// <param name="onEnded">Is told of each utterance's end, once sent.</param>
internal sealed class Speaker(
    ISpeechSynthesizer synthesizer, AudioOutput output, TimeSpan lead, TimeProvider time,
    Func<ConverseResponse, ValueTask> send, Action<long> onAudio, Action<long> onEnded) : IAsyncDisposable
{
    // As many as the queue can say again.
    private const int KeptUtterances = 16;

    private readonly SpeakingQueue _queue = new(synthesizer);
    private readonly Lock _lock = new();
    private readonly Dictionary<long, SpokenUtterance> _utterances = [];
    private readonly Queue<long> _ended = new();
    private readonly ArrayBufferWriter<byte> _bytes = new();
    private long _playsUntil, _speaking, _lastSent;
    private bool _isPaused, _isHeld;

    /// <summary>Whether the user hears something, or is about to.</summary>
    public bool IsSpeaking => Interlocked.Read(ref _speaking) != 0 || Ahead > TimeSpan.Zero;

    private TimeSpan Ahead => TimeSpan.FromSeconds((Interlocked.Read(ref _playsUntil) - time.GetTimestamp()) / (double)time.TimestampFrequency);

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

    /// <summary>Silence from the next word on, because the client says so.</summary>
    public void Pause(bool isPaused) => Silence(isPaused, _isHeld);

    /// <summary>Silence from the next word on, because the user speaks.</summary>
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
            if (Ahead - lead is var early && early > TimeSpan.Zero)
            {
                await Task.Delay(early, time, cancellationToken);
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
        bool isFirst = utterance.Writer is null;
        utterance.Writer ??= output.CreateWriter(chunk.SampleRate);
        utterance.Writer.Write(chunk.Samples.Span, _bytes);
        long now = time.GetTimestamp(), length = (long)((double)chunk.Samples.Length / chunk.SampleRate * time.TimestampFrequency);
        Interlocked.Exchange(ref _playsUntil, Math.Max(now, Interlocked.Read(ref _playsUntil)) + length);
        utterance.Send(chunk, Interlocked.Read(ref _playsUntil));
        _lastSent = audio.UtteranceId;
        WireAudio wire = Take(audio.UtteranceId, utterance.Writer.SampleRate, chunk.FirstSample, chunk.SampleRate);
        wire.Marks.AddRange(chunk.Marks.Select(m => WireSpeech.ToMark(m, chunk.SampleRate)));
        await send(new ConverseResponse { Audio = wire });
        if (isFirst)
        {
            onAudio(audio.UtteranceId);
        }
    }

    private async Task SendAsync(SpeakingStateChange change, SpokenUtterance utterance)
    {
        bool isEnd = change.State is SpeakingState.Finished or SpeakingState.Stopped or SpeakingState.Failed;
        Interlocked.Exchange(ref _speaking, change.State is SpeakingState.Started or SpeakingState.Resumed ? change.UtteranceId
            : change.State == SpeakingState.Queued || _speaking != change.UtteranceId ? _speaking : 0);
        utterance.Change(change.State, time);
        if (change.State == SpeakingState.Finished && utterance.Writer is { } writer)
        {
            writer.Complete(_bytes);
            if (_bytes.WrittenCount > 0)
            {
                await send(new ConverseResponse { Audio = Take(change.UtteranceId, writer.SampleRate, utterance.Sent, utterance.SampleRate) });
            }
        }

        if (change.State == SpeakingState.Stopped && _lastSent == change.UtteranceId)
        {
            // The client drops what it has not played.
            Interlocked.Exchange(ref _playsUntil, time.GetTimestamp());
        }

        await send(new ConverseResponse
        {
            Speaking = new SpeakingChange
            {
                UtteranceId = change.UtteranceId,
                State = WireSpeech.ToState(change.State),
                Turn = utterance.Turn,
                Tag = utterance.Tag,
                Priority = utterance.Priority,
                SpokenText = change.State == SpeakingState.Stopped ? utterance.HeardText(time) : change.SpokenText,
                Error = change.Error ?? "",
            },
        });
        if (isEnd)
        {
            Forget(change.UtteranceId, utterance);
            onEnded(change.UtteranceId);
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
            Start = TimeSpan.FromSeconds((double)firstSample / sourceRate).ToDuration(),
        };
        _bytes.ResetWrittenCount();
        return audio;
    }
}
