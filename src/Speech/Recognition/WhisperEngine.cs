using System.Threading.Channels;
using Inference.Models.Architectures;
using Inference.Tensors;

namespace Inference.Speech.Recognition;

/// <summary>
/// The one thread that runs the model: windows are encoded as slots fall free, and all windows under way take their next tokens
/// together, one batch a step.
/// </summary>
internal sealed class WhisperEngine : IAsyncDisposable
{
    private readonly Whisper _model;
    private readonly WhisperVocabulary _vocabulary;
    private readonly WordAligner _aligner;
    private readonly WhisperDecoder _decoder;
    private readonly Readback _logits;
    private readonly Channel<Job> _queue;
    private readonly List<Job> _running = [];
    private readonly Stack<int> _free;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _loop;

    public WhisperEngine(Whisper model, WhisperVocabulary vocabulary, WordAligner aligner, RecognizerOptions options)
    {
        (_model, _vocabulary, _aligner) = (model, vocabulary, aligner);
        _decoder = model.CreateDecoder(options.ConcurrentWindows, options.CacheType);
        _logits = _decoder.CreateLogits(options.ConcurrentWindows);
        _free = new Stack<int>(Enumerable.Range(0, options.ConcurrentWindows).Reverse());
        _queue = Channel.CreateBounded<Job>(new BoundedChannelOptions(options.MaxWaitingWindows) { SingleReader = true });
        _loop = Task.Factory.StartNew(Run, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default).Unwrap();
    }

    /// <summary>Decodes a window; waits while the queue is full.</summary>
    public async Task<(WindowResult Result, string Language, float LanguageProbability)> DecodeAsync(WindowRequest request, CancellationToken cancellationToken)
    {
        Job job = new(request, new WindowDecoding(_vocabulary, request, _model.Config.TextContext), cancellationToken);
        try
        {
            await _queue.Writer.WriteAsync(job, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            request.Mel.Dispose();
            throw;
        }

        return await job.Completion.Task.ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        _queue.Writer.TryComplete();
        await _stop.CancelAsync().ConfigureAwait(false);
        await _loop.ConfigureAwait(false);
        _logits.Dispose();
        _decoder.Dispose();
        _stop.Dispose();
    }

    private async Task Run()
    {
        try
        {
            while (_running.Count > 0 || await _queue.Reader.WaitToReadAsync(_stop.Token).ConfigureAwait(false))
            {
                _stop.Token.ThrowIfCancellationRequested();
                Admit();
                Step();
                Leave();
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            Abandon(new ObjectDisposedException(nameof(ISpeechRecognizer)));
        }
    }

    private void Admit()
    {
        while (_free.Count > 0 && _queue.Reader.TryRead(out Job? job))
        {
            using Tensor mel = job.Request.Mel;
            if (job.Cancellation.IsCancellationRequested)
            {
                job.Completion.TrySetCanceled(job.Cancellation);
                continue;
            }

            try
            {
                using Tensor encoded = _model.Encode(mel, 0, mel.Rows);
                _decoder.Begin(_free.Peek(), encoded);
                job.Slot = _free.Pop();
                _running.Add(job);
            }
            catch (Exception exception)
            {
                job.Completion.TrySetException(exception);
            }
        }
    }

    private void Step()
    {
        if (_running.Count == 0)
        {
            return;
        }

        WhisperDecodeStep[] steps = [.. _running.Select(j => new WhisperDecodeStep(j.Slot, j.Decoding.Pending, j.Decoding.Position))];
        _decoder.Forward(steps, _logits.Rows(steps.Length));
        _logits.Begin();
        Tensor logits = _logits.End();
        for (int i = 0; i < steps.Length; i++)
        {
            try
            {
                _running[i].Decoding.Accept(logits.Row(i));
            }
            catch (ArgumentException exception)
            {
                _running[i].Completion.TrySetException(exception);
            }
        }
    }

    private void Leave()
    {
        for (int i = _running.Count - 1; i >= 0; i--)
        {
            Job job = _running[i];
            if (job.Cancellation.IsCancellationRequested)
            {
                job.Completion.TrySetCanceled(job.Cancellation);
            }
            else if (job.Decoding.IsDone)
            {
                IReadOnlyList<RecognizedWord> words = job.Request.Options.WordTimes
                    ? _aligner.Align(_decoder, job.Slot, job.Decoding, job.Request.RealFrames) : [];
                job.Completion.TrySetResult((job.Decoding.Result(words), job.Decoding.Language, job.Decoding.LanguageProbability));
            }

            if (job.Completion.Task.IsCompleted)
            {
                _running.RemoveAt(i);
                _free.Push(job.Slot);
            }
        }
    }

    private void Abandon(Exception reason)
    {
        foreach (Job job in _running)
        {
            job.Completion.TrySetException(reason);
        }

        while (_queue.Reader.TryRead(out Job? job))
        {
            job.Request.Mel.Dispose();
            job.Completion.TrySetException(reason);
        }
    }

    private sealed class Job(WindowRequest request, WindowDecoding decoding, CancellationToken cancellation)
    {
        public WindowRequest Request => request;

        public WindowDecoding Decoding => decoding;

        public CancellationToken Cancellation => cancellation;

        public int Slot { get; set; }

        public TaskCompletionSource<(WindowResult Result, string Language, float LanguageProbability)> Completion { get; } =
            new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
