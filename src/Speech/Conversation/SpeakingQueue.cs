using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Inference.Speech.Synthesis;

namespace Inference.Speech.Conversation;

/// <summary>
/// The one mouth of a session. The most urgent utterance speaks, of equals the first; a more urgent one takes over once its audio is there, soon and
/// where possible at a word mark, and the other goes on there. The reader paces it: what it does not read is not spoken.
/// </summary>
/// <param name="synthesizer">Makes the audio.</param>
/// <param name="time">For <paramref name="within"/>.</param>
/// <param name="within">
/// How long the utterance that speaks may still be heard, after a more urgent one came or the queue was paused: until the next word mark or silence
/// where one comes in this time; else a word is broken off, and said whole later. From the first audio of a text that was still being written.
/// </param>
/// <param name="ahead">How much of what was given is still to be heard, and can be taken back; null: what was given was heard.</param>
public sealed class SpeakingQueue(ISpeechSynthesizer synthesizer, TimeProvider time, TimeSpan within, Func<TimeSpan>? ahead = null) : IAsyncDisposable
{
    /// <summary>Utterances that may wait or speak at a time.</summary>
    public const int MaxUtterances = 64;

    // Utterances that can still be said again after their end.
    private const int KeptRequests = 16;

    // Even after its time a word is not broken off at its loudest.
    private static readonly TimeSpan LeastWindow = TimeSpan.FromMilliseconds(10);

    private readonly Lock _lock = new();
    private readonly List<Utterance> _utterances = [];
    private readonly Queue<SpeakingOutput> _changes = [];
    private readonly List<(long Id, int Priority, SpeechRequest Request)> _ended = [];
    private readonly List<Utterance> _discarded = [];
    private readonly Channel<bool> _signal = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private Utterance? _current;
    private TakeoverPoint? _takeover;
    private long _lastId;
    private long? _pausedAt;
    private bool _isComplete;

    /// <summary>The longest piece of audio, so that a stop is heard soon.</summary>
    public static TimeSpan FrameLength { get; } = TimeSpan.FromMilliseconds(20);

    /// <summary>Adds a text; its synthesis begins at once.</summary>
    /// <param name="request">What to say.</param>
    /// <param name="priority">A higher one interrupts a lower one: a chat's above a lesson's.</param>
    /// <returns>The utterance's id.</returns>
    /// <exception cref="SpeechRequestException">The request cannot be spoken.</exception>
    /// <exception cref="InvalidOperationException">The queue is full or complete.</exception>
    public long Enqueue(SpeechRequest request, int priority)
    {
        lock (_lock)
        {
            return Add(request, null, priority, isFirst: false);
        }
    }

    /// <summary>Adds a text that is still being written; each sentence is synthesized as soon as it is there.</summary>
    /// <param name="manner">How to say it; its text is not looked at.</param>
    /// <param name="text">To be completed by its writer: the utterance waits for that.</param>
    /// <param name="priority">A higher one interrupts a lower one.</param>
    /// <returns>The utterance's id.</returns>
    /// <exception cref="InvalidOperationException">The queue is full or complete.</exception>
    public long Enqueue(SpeechRequest manner, GrowingText text, int priority)
    {
        lock (_lock)
        {
            return Add(manner with { Text = "", IsSsml = false }, text, priority, isFirst: false);
        }
    }

    /// <summary>Silence, as soon as a more urgent utterance would speak.</summary>
    public void Pause() => Command(() => _pausedAt ??= time.GetTimestamp());

    /// <summary>Goes on where it paused.</summary>
    public void Resume() => Command(() => _pausedAt = null);

    /// <summary>Ends an utterance at once. False: it is not in the queue.</summary>
    public bool Stop(long id) => Command(() => _utterances.Find(u => u.Id == id) is { } utterance && End(utterance, SpeakingState.Stopped));

    /// <summary>Ends all of them at once.</summary>
    public void StopAll() => Command(() => _utterances.ToList().ForEach(u => End(u, SpeakingState.Stopped)));

    /// <summary>Ends the one that speaks, or would speak next. False: the queue is empty.</summary>
    public bool Skip() => Command(() => (_current ?? Top()) is { } utterance && End(utterance, SpeakingState.Stopped));

    /// <summary>Says one of the queue or of the last that ended again from its beginning, before others of its priority. Its new id; null: unknown.</summary>
    public long? Replay(long id)
    {
        lock (_lock)
        {
            if (_utterances.Find(u => u.Id == id) is { } utterance) End(utterance, SpeakingState.Stopped);
            int index = _ended.FindIndex(e => e.Id == id);
            return index < 0 ? null : Add(_ended[index].Request, null, _ended[index].Priority, isFirst: true);
        }
    }

    /// <summary>No more will come: the reader's sequence ends after the last utterance.</summary>
    public void Complete() => Command(() => _isComplete = true);

    /// <summary>Audio and changes of state in the order in which they happen. One reader.</summary>
    public async IAsyncEnumerable<SpeakingOutput> ReadAllAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            (SpeakingOutput? output, Task? wait, bool isEnd) = Step();
            await DiscardAsync();
            if (output is not null) yield return output;
            if (isEnd) yield break;
            if (wait is null) continue;
            Task signal = _signal.Reader.WaitToReadAsync(cancellationToken).AsTask();
            await Task.WhenAny(wait, signal);
            _signal.Reader.TryRead(out _);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        StopAll();
        Complete();
        await DiscardAsync();
    }

    // One thing to give, or what to wait for, or the end.
    private (SpeakingOutput? Output, Task? Wait, bool IsEnd) Step()
    {
        lock (_lock)
        {
            while (true)
            {
                if (_changes.TryDequeue(out SpeakingOutput? change)) return (change, null, false);
                if (Top() is not { } top) return _isComplete ? (null, null, true) : (null, Never(), false);
                if (top.IsReady && !TryLoad(top)) continue;
                if (_current is null)
                {
                    if (_pausedAt is not null) return (null, Never(), false);
                    if (!top.IsReady) return (null, top.Next, false);
                    Begin(top);
                    continue;
                }

                if (_current.IsReady && !TryLoad(_current)) continue;
                TimeSpan unheard = ahead?.Invoke() ?? TimeSpan.Zero;
                _takeover = Asked(top) is { } asked ? _takeover ?? _current.FindTakeover(unheard, Window(asked)) : null;
                if (_takeover is { } point && _current.Position >= point.End)
                {
                    Silence(_current, point);
                    continue;
                }

                if (!_current.IsReady) return (null, top.IsReady ? _current.Next : Task.WhenAny(_current.Next, top.Next), false);
                return (new SpeakingAudio(_current.Id, _current.Take(FrameLength.TotalSeconds, _takeover?.End ?? long.MaxValue, unheard)), null, false);
            }
        }
    }

    // Since when the one that speaks is to be silent.
    private long? Asked(Utterance top) => _pausedAt
        ?? (top != _current && top.Priority > _current!.Priority && top.IsReady ? top.AskedAt ??= time.GetTimestamp() : null);

    // A reader that paces itself sees what was asked up to a frame later.
    private TimeSpan Window(long asked) =>
        within - time.GetElapsedTime(asked) - FrameLength is var left && left > LeastWindow ? left : LeastWindow;

    private static Task Never() => Task.Delay(Timeout.Infinite, CancellationToken.None);

    // False when the utterance came to its end, well or not.
    private bool TryLoad(Utterance utterance)
    {
        try
        {
            if (utterance.Load()) return true;
            End(utterance, SpeakingState.Finished);
        }
        catch (Exception e)
        {
            End(utterance, SpeakingState.Failed, e.Message);
        }

        return false;
    }

    private void Begin(Utterance utterance)
    {
        _current = utterance;
        Change(utterance, utterance.HasStarted ? SpeakingState.Resumed : SpeakingState.Started);
        utterance.Begin();
    }

    private void Silence(Utterance utterance, TakeoverPoint point)
    {
        (_current, _takeover) = (null, null);
        utterance.FallSilent(point);
        _changes.Enqueue(new SpeakingStateChange(utterance.Id, SpeakingState.Paused, utterance.SpokenText) { HeardUntil = point.End, ResumesAt = point.Resume });
    }

    private Utterance? Top() => _utterances.MaxBy(u => u.Priority);

    private long Add(SpeechRequest request, GrowingText? growing, int priority, bool isFirst)
    {
        if (_isComplete) throw new InvalidOperationException("the speaking queue is complete");
        if (_utterances.Count >= MaxUtterances) throw new InvalidOperationException($"the speaking queue holds its {MaxUtterances} utterances");
        Utterance utterance = new(++_lastId, priority, request, growing, synthesizer) { AskedAt = growing is null ? time.GetTimestamp() : null };
        int index = isFirst ? _utterances.FindIndex(u => u.Priority == priority && u != _current) : -1;
        _utterances.Insert(index < 0 ? _utterances.Count : index, utterance);
        Change(utterance, SpeakingState.Queued);
        _signal.Writer.TryWrite(true);
        return utterance.Id;
    }

    private bool End(Utterance utterance, SpeakingState state, string? error = null)
    {
        _utterances.Remove(utterance);
        _discarded.Add(utterance);
        if (_current == utterance) (_current, _takeover) = (null, null);
        utterance.Cancel();
        _ended.Add((utterance.Id, utterance.Priority, utterance.Request));
        if (_ended.Count > KeptRequests) _ended.RemoveAt(0);
        Change(utterance, state, error);
        return true;
    }

    private void Change(Utterance utterance, SpeakingState state, string? error = null) =>
        _changes.Enqueue(new SpeakingStateChange(utterance.Id, state, utterance.SpokenText, error));

    private T Command<T>(Func<T> command)
    {
        lock (_lock)
        {
            T result = command();
            _signal.Writer.TryWrite(true);
            return result;
        }
    }

    private void Command(Action command) => Command(() =>
    {
        command();
        return true;
    });

    private async ValueTask DiscardAsync()
    {
        Utterance[] discarded;
        lock (_lock)
        {
            if (_discarded.Count == 0) return;
            discarded = [.. _discarded];
            _discarded.Clear();
        }

        foreach (Utterance utterance in discarded) await utterance.DisposeAsync();
    }
}
