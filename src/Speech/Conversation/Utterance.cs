using Inference.Speech.Synthesis;

namespace Inference.Speech.Conversation;

/// <summary>One text in the queue, and its audio as far as it is synthesized: a chunk at hand and one that is being made.</summary>
internal sealed class Utterance : IAsyncDisposable
{
    private readonly CancellationTokenSource _cancellation = new();
    private readonly IAsyncEnumerator<SpeechChunk> _chunks;
    private readonly List<SpeechMark> _marks = [];
    private readonly SpeechRequest _request;
    private readonly GrowingText? _growing;
    private readonly string _text;
    private SpeechChunk? _chunk;
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

    public bool HasStarted { get; set; }

    /// <summary>The chunk that is being made.</summary>
    public Task<bool> Next { get; private set; }

    /// <summary>Samples given.</summary>
    public long Position { get; private set; }

    /// <summary>Whether a chunk is at hand, or the end is known.</summary>
    public bool IsReady => _chunk is not null || _isEnd || Next.IsCompleted;

    /// <summary>The words given in full.</summary>
    public string SpokenText => HeardText.Of(_growing?.Text ?? _text, _marks, Position, _isEnd && _chunk is null);

    /// <summary>Whether nothing of a word is left unsaid. Needs <see cref="Load"/>.</summary>
    public bool IsAtWord => Position == 0 || _chunk is null || _chunk.Marks.Any(m => m.Kind == SpeechMarkKind.Word && m.Sample == Position);

    /// <summary>Takes the chunk that was made; call when ready. False at the end. Throws what the synthesis threw.</summary>
    public bool Load()
    {
        if (_chunk is not null) return true;
        if (_isEnd) return false;
        _isEnd = !Next.GetAwaiter().GetResult();
        if (_isEnd) return false;
        _chunk = _chunks.Current;
        _marks.AddRange(_chunk.Marks);
        Next = _chunks.MoveNextAsync().AsTask();
        return true;
    }

    /// <summary>The next samples, up to the next word mark. Needs <see cref="Load"/>.</summary>
    public SpeechChunk Take(double maxSeconds)
    {
        SpeechChunk chunk = _chunk!;
        int from = (int)(Position - chunk.FirstSample);
        int length = Math.Min(chunk.Samples.Length - from, Math.Max(1, (int)(maxSeconds * chunk.SampleRate)));
        long start = Position;
        long end = chunk.Marks.Where(m => m.Kind == SpeechMarkKind.Word && m.Sample > start).Select(m => m.Sample).Append(start + length).Min();
        end = Math.Min(end, start + length);
        bool isLast = end == chunk.EndSample;
        SpeechMark[] marks = [.. chunk.Marks.Where(m => m.Sample >= start && (isLast || m.Sample < end))];
        Position = end;
        if (isLast) _chunk = null;
        return new SpeechChunk(chunk.SampleRate, start, chunk.Samples.Slice(from, (int)(end - start)), marks);
    }

    public void Cancel() => _cancellation.Cancel();

    public async ValueTask DisposeAsync()
    {
        await _cancellation.CancelAsync();
        // An enumerator must not be disposed while it moves.
        await Next.ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        await _chunks.DisposeAsync();
        _cancellation.Dispose();
    }
}
