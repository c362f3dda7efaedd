using System.Text;

namespace Inference.Generation;

/// <summary>
/// What the engine has made and the reader has not taken. The engine never waits: it adds to what lies there, and pauses
/// an answer with too many unread tokens, which bounds the memory. The reader takes all of it as one update.
/// </summary>
internal sealed class Outbox(int answers)
{
    private readonly Lock _gate = new();
    private readonly PendingDelta[] _pending = [.. Enumerable.Range(0, answers).Select(i => new PendingDelta(i))];
    private (GenerationUsage Usage, GenerationTiming Timing)? _end;
    private Exception? _error;
    private TaskCompletionSource? _reader;

    /// <summary>Generated tokens of an answer that its reader has taken.</summary>
    public int TakenTokens(int answer)
    {
        lock (_gate)
            return _pending[answer].Taken;
    }

    /// <summary>Adds what is new of an answer. <paramref name="generated"/>: how many of its tokens are not the prompt's.</summary>
    public void Add(GenerationDelta delta, int generated)
    {
        lock (_gate)
        {
            _pending[delta.Index].Add(delta, generated);
            Wake();
        }
    }

    /// <summary>Ends the stream after what lies there.</summary>
    public void Complete(GenerationUsage usage, GenerationTiming timing)
    {
        lock (_gate)
        {
            _end = (usage, timing);
            Wake();
        }
    }

    /// <summary>Ends the stream with an exception.</summary>
    public void Fail(Exception error)
    {
        lock (_gate)
        {
            _error = error;
            Wake();
        }
    }

    /// <summary>Waits for something new and takes all of it. One reader at a time.</summary>
    public async ValueTask<GenerationUpdate> TakeAsync()
    {
        while (true)
        {
            Task news;
            lock (_gate)
            {
                if (_error is not null)
                    throw _error;
                if (_end is not null || Array.Exists(_pending, p => p.HasNews))
                    return Take();
                _reader = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                news = _reader.Task;
            }

            await news.ConfigureAwait(false);
        }
    }

    private GenerationUpdate Take() => new()
    {
        Deltas = [.. _pending.Where(p => p.HasNews).Select(p => p.Take())],
        Usage = _end?.Usage,
        Timing = _end?.Timing,
    };

    private void Wake()
    {
        _reader?.TrySetResult();
        _reader = null;
    }

    private sealed class PendingDelta(int index)
    {
        private readonly StringBuilder _text = new();
        private List<int> _tokens = [];
        private List<TokenLogprob> _logprobs = [];
        private FinishReason? _finish;
        private string? _stop;
        private int _generated;

        public bool HasNews { get; private set; }

        public int Taken { get; private set; }

        public void Add(GenerationDelta delta, int generated)
        {
            HasNews = true;
            _generated += generated;
            _text.Append(delta.Text);
            _tokens.AddRange(delta.TokenIds);
            _logprobs.AddRange(delta.Logprobs);
            _finish = delta.FinishReason;
            _stop = delta.StopText;
        }

        public GenerationDelta Take()
        {
            GenerationDelta delta = new()
            {
                Index = index,
                Text = _text.ToString(),
                TokenIds = _tokens,
                Logprobs = _logprobs,
                FinishReason = _finish,
                StopText = _stop,
            };
            Taken += _generated;
            (HasNews, _generated, _tokens, _logprobs) = (false, 0, [], []);
            _text.Clear();
            return delta;
        }
    }
}
