using Inference.Speech.Synthesis;

namespace Inference.Speech.Conversation;

/// <summary>
/// One text in the queue, and its audio as far as it is synthesized: what may be said anew, what is at hand, and a chunk that is being made.
/// </summary>
internal sealed class Utterance : IAsyncDisposable
{
    private readonly CancellationTokenSource _cancellation = new();
    private readonly IAsyncEnumerator<SpeechChunk> _chunks;
    private readonly List<SpeechChunk> _kept = [];
    private readonly List<SpeechMark> _marks = [];
    private readonly SpeechRequest _request;
    private readonly GrowingText? _growing;
    private readonly string _text;
    // Those after the last sample that is known.
    private readonly List<SpeechMark> _late = [];
    private SpeechChunk? _last;
    private long _known, _first, _said;
    private int _rate;
    private bool _isEnd;

    /// <param name="id">Its own.</param>
    /// <param name="priority">A higher one speaks first.</param>
    /// <param name="request">What to say; without the text where that is still being written.</param>
    /// <param name="growing">The text that is still being written; or null.</param>
    /// <param name="synthesizer">Makes the audio.</param>
    public Utterance(long id, int priority, SpeechRequest request, GrowingText? growing, ISpeechSynthesizer synthesizer)
    {
        (Id, Priority, _request, _growing) = (id, priority, request, growing);
        _text = request.IsSsml ? SpeechMarkup.PlainText(request.Text) : request.Text;
        IAsyncEnumerable<SpeechChunk> chunks = growing is null
            ? synthesizer.SynthesizeAsync(request, _cancellation.Token)
            : GrowingSpeech.SynthesizeAsync(synthesizer, request, growing, _cancellation.Token);
        _chunks = chunks.GetAsyncEnumerator(CancellationToken.None);
        Next = _chunks.MoveNextAsync().AsTask();
    }

    public long Id { get; }

    public int Priority { get; }

    /// <summary>What to say again for the same.</summary>
    public SpeechRequest Request => _growing is null ? _request : _request with { Text = _growing.Text };

    public bool HasStarted { get; private set; }

    /// <summary>When it wanted to speak: timestamp of its coming, or of the first audio of a text that was still being written.</summary>
    public long? AskedAt { get; set; }

    /// <summary>The chunk that is being made.</summary>
    public Task<bool> Next { get; private set; }

    /// <summary>Samples given.</summary>
    public long Position { get; private set; }

    /// <summary>Whether audio is at hand, or the end is known.</summary>
    public bool IsReady => Position < _known || _last is not null || _isEnd || Next.IsCompleted;

    /// <summary>The words given in full.</summary>
    public string SpokenText => HeardText.Of(_growing?.Text ?? _text, _marks, Math.Max(_said, Position), _isEnd && Position == _known);

    /// <summary>Takes what was made; call when ready. False at the end. Throws what the synthesis threw.</summary>
    public bool Load()
    {
        while (Position == _known && !_isEnd && Next.IsCompleted) LoadNext();
        return Position < _known || _last is not null || !_isEnd;
    }

    /// <summary>It speaks from here on.</summary>
    public void Begin() => (_first, HasStarted) = (Position, true);

    /// <summary>The next samples, up to the next word mark; none with marks after the last. Needs <see cref="Load"/>, and to be ready.</summary>
    /// <param name="maxSeconds">At most.</param>
    /// <param name="last">Not beyond this sample.</param>
    /// <param name="ahead">How much of what was given has not been heard: what is older than the word that is heard is forgotten.</param>
    public SpeechChunk Take(double maxSeconds, long last, TimeSpan ahead)
    {
        if (Position == _known)
        {
            (SpeechChunk late, _last) = (_last!, null);
            return late;
        }

        SpeechChunk chunk = _kept.Find(c => c.EndSample > Position)!;
        long start = Position;
        long end = Math.Min(Math.Min(last, chunk.EndSample), start + Math.Max(1, (int)(maxSeconds * chunk.SampleRate)));
        end = chunk.Marks.Where(m => m.Kind == SpeechMarkKind.Word && m.Sample > start).Select(m => m.Sample).Append(end).Min(m => Math.Min(m, end));
        bool isLast = end == chunk.EndSample;
        SpeechMark[] marks = [.. chunk.Marks.Where(m => m.Sample >= start && (isLast || m.Sample < end))];
        Position = end;
        long word = _marks.FindLast(m => m.Kind == SpeechMarkKind.Word && m.Sample <= Heard(ahead))?.Sample ?? 0;
        _kept.RemoveAll(c => c.EndSample <= Math.Max(word, _first));
        return new SpeechChunk(chunk.SampleRate, start, chunk.Samples.Slice((int)(start - chunk.FirstSample), (int)(end - start)), marks);
    }

    /// <summary>Where it may fall silent; null: that is not known yet, and there is something to give until then. Needs to have begun.</summary>
    /// <param name="ahead">How much of what was given has not been heard.</param>
    /// <param name="window">How much of it may still be heard.</param>
    public TakeoverPoint? FindTakeover(TimeSpan ahead, TimeSpan window)
    {
        long heard = Heard(ahead), most = (long)(window.TotalSeconds * _rate);
        while (_known - heard < most && !_isEnd && Next.IsCompletedSuccessfully) LoadNext();
        float[] audio = [.. _kept.Where(c => c.EndSample > heard).SelectMany(c => c.Samples[(int)Math.Max(0, heard - c.FirstSample)..].ToArray())];
        return TakeoverPoint.Find(_marks, audio, _rate, heard, _first, most, _isEnd, IsReady);
    }

    /// <summary>Goes on from there when it speaks again.</summary>
    public void FallSilent(TakeoverPoint point) => (Position, _said) = (point.Resume, point.Said);

    public void Cancel() => _cancellation.Cancel();

    public async ValueTask DisposeAsync()
    {
        await _cancellation.CancelAsync();
        // An enumerator must not be disposed while it moves.
        await Next.ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        await _chunks.DisposeAsync();
        _cancellation.Dispose();
    }

    private void LoadNext()
    {
        _isEnd = !Next.GetAwaiter().GetResult();
        if (_isEnd)
        {
            _last = _late.Count > 0 ? new SpeechChunk(_rate, _known, default, [.. _late]) : null;
            return;
        }

        SpeechChunk chunk = _chunks.Current;
        Next = _chunks.MoveNextAsync().AsTask();
        _rate = chunk.SampleRate;
        _late.AddRange(chunk.Marks);
        if (chunk.Samples.IsEmpty) return;
        _known = chunk.EndSample;
        _kept.Add(chunk with { Marks = [.. _late] });
        _marks.AddRange(_late);
        _late.Clear();
    }

    private long Heard(TimeSpan ahead) => Math.Max(_first, Position - (long)Math.Ceiling(ahead.TotalSeconds * _rate));
}
