using System.Runtime.CompilerServices;
using Inference.Generation.Sampling;
using Inference.Models;
using Inference.Tensors;
using Inference.Text.Tokenizers;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Inference.Generation;

/// <summary>
/// Runs the generations of one model, batched, on a thread of its own. Requests wait, get blocks, run, yield a token,
/// leave: <see cref="Step"/> is that story. All that the loop owns is touched by its thread only; the rest of the world
/// meets it at the <see cref="AdmissionQueue"/> (in) and each request's <see cref="Outbox"/> (out).
/// </summary>
public sealed class LlmEngine : IAsyncDisposable
{
    private readonly string _name;
    private readonly LlmEngineOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly GenerationMetrics? _metrics;
    private readonly EngineTelemetry _telemetry;
    private readonly BlockManager _blocks;
    private readonly PrefixCache _cache;
    private readonly Scheduler _scheduler;
    private readonly ModelRunner _runner;
    private readonly SamplingScratch _scratch;
    private readonly RequestFactory _requests;
    private readonly AdmissionQueue _admission;
    private readonly AutoResetEvent _wake = new(false);
    private readonly List<ActiveRequest> _live = [];
    private readonly Thread _thread;
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile EngineStatistics _statistics;
    private volatile bool _cancelAll;
    private volatile bool _stopping;
    private int _disposed;

    /// <summary>Allocates the KV cache and starts the thread.</summary>
    /// <param name="name">The model's name, in logs and metrics.</param>
    /// <param name="model">The model; stays the caller's, and is used by the engine's thread only.</param>
    /// <param name="tokenizer">Its vocabulary.</param>
    /// <param name="options">Limits.</param>
    /// <param name="metrics">Instruments, or null.</param>
    /// <param name="time">Clock; null is the system's.</param>
    /// <param name="logger">Log, or null.</param>
    /// <exception cref="InvalidRequestException">An option is out of its range.</exception>
    public LlmEngine(
        string name, ICausalModel model, Tokenizer tokenizer, LlmEngineOptions options,
        GenerationMetrics? metrics = null, TimeProvider? time = null, ILogger? logger = null)
        : this(name, model, tokenizer, options, metrics, time, logger, start: true)
    {
    }

    internal LlmEngine(
        string name, ICausalModel model, Tokenizer tokenizer, LlmEngineOptions options,
        GenerationMetrics? metrics, TimeProvider? time, ILogger? logger, bool start)
    {
        if (options.Validate() is { Count: > 0 } violations)
            throw new InvalidRequestException(violations);
        ModelConfig config = model.Config;
        int blocks = KvCacheSize.Blocks(config, options, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes);
        (_name, _options, _metrics) = (name, options, metrics);
        _time = time ?? TimeProvider.System;
        _logger = logger ?? NullLogger.Instance;
        _telemetry = new EngineTelemetry(metrics, _time, name);
        _blocks = new BlockManager(blocks, options.BlockLength);
        _cache = new PrefixCache(_blocks);
        _scheduler = new Scheduler(options, _blocks, _cache);
        _runner = new ModelRunner(model, blocks, options.BlockLength, options.KvCacheType);
        _scratch = new SamplingScratch(config.VocabularySize);
        _requests = new RequestFactory(name, config, tokenizer, options, blocks * options.BlockLength, _time);
        _admission = new AdmissionQueue(options.MaxWaiting, options.MaxRunning, _time);
        _statistics = Snapshot();
        _thread = new Thread(Loop) { IsBackground = true, Name = $"engine {name}" };
        metrics?.Register(this);
        EngineLog.Started(_logger, name, blocks, options.BlockLength, ContextLimit);
        if (start)
            _thread.Start();
    }

    /// <summary>The state after the last step, and the totals. Safe to read from any thread.</summary>
    public EngineStatistics Statistics => _statistics with { LiveRequests = _admission.Live };

    /// <summary>True once <see cref="DrainAsync"/> has begun.</summary>
    public bool IsDraining => _admission.IsClosed;

    /// <summary>Tokens that prompt and answer may have together: the model's context, or the KV cache where it is smaller.</summary>
    public int ContextLimit => _requests.ContextLimit;

    internal KeyValuePair<string, object?> ModelTag => _telemetry.ModelTag;

    internal Scheduler Scheduler => _scheduler;

    /// <summary>
    /// Runs a request. Text comes as soon as it is certain; a reader that falls behind gets several tokens in one
    /// update, and one that stops reading pauses its own request only. The last update has Usage and Timing.
    /// Cancelling, or leaving the enumeration, frees the request's blocks within one step; a cancelled stream ends
    /// with <see cref="FinishReason.Cancelled"/> rather than an exception. All exceptions come from MoveNextAsync.
    /// </summary>
    /// <exception cref="InvalidRequestException">The request cannot be carried out: every fault, with limit and value.</exception>
    /// <exception cref="QueueFullException">Too many requests wait.</exception>
    /// <exception cref="EngineDrainingException">The engine takes nothing new.</exception>
    /// <exception cref="GenerationFailedException">The request's step failed.</exception>
    public async IAsyncEnumerable<GenerationUpdate> GenerateAsync(
        GenerationRequest request, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ActiveRequest active = Submit(request);
        using CancellationTokenRegistration registration = cancellationToken.UnsafeRegister(_ => Cancel(active), null);
        try
        {
            GenerationUpdate update;
            do
            {
                update = await active.Outbox.TakeAsync().ConfigureAwait(false);
                _wake.Set();
                yield return update;
            }
            while (update.Usage is null);
        }
        finally
        {
            Cancel(active);
        }
    }

    /// <summary>
    /// Refuses new requests and waits until those that wait or run have ended. What is left after
    /// <paramref name="timeout"/> is cancelled.
    /// </summary>
    public async Task DrainAsync(TimeSpan timeout)
    {
        EngineLog.Draining(_logger, _name, _admission.Live, timeout.TotalSeconds);
        Task empty = _admission.CloseAsync();
        try
        {
            await empty.WaitAsync(timeout, _time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            _cancelAll = true;
            _wake.Set();
            await empty.ConfigureAwait(false);
        }
    }

    /// <summary>Cancels what is left, stops the thread and frees the KV cache.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        _ = _admission.CloseAsync();
        _cancelAll = true;
        _stopping = true;
        _wake.Set();
        if (_thread.ThreadState.HasFlag(ThreadState.Unstarted))
            Loop();
        await _stopped.Task.ConfigureAwait(false);
        _metrics?.Unregister(this);
        _runner.Dispose();
        EngineLog.Stopped(_logger, _name);
    }

    internal KeyValuePair<string, object?>[] CacheTags() =>
    [
        ModelTag,
        new("block_size", _options.BlockLength),
        new("num_blocks", _blocks.TotalBlocks),
        new("cache_dtype", _options.KvCacheType.ToString()),
        new("enable_prefix_caching", _options.PrefixCache),
    ];

    /// <summary>One turn of the engine: admit, schedule, run, sample, emit. False where there was nothing to run.</summary>
    internal bool Step()
    {
        Admit();
        ScheduledStep step = _scheduler.Schedule();
        Note(step);
        if (step.Items.Count > 0)
        {
            try
            {
                Tensor logits = _runner.Run(step);
                Sample(step, logits);
                Emit(step);
            }
            catch (Exception error)
            {
                FailStep(step, error);
            }
        }

        Release();
        return step.Items.Count > 0;
    }

    /// <summary>Takes in arrivals, and acts on readers that left, caught up, or must be gone.</summary>
    private void Admit()
    {
        while (_admission.TryTake(out ActiveRequest? arrival))
        {
            _live.Add(arrival);
            _scheduler.Add(arrival.Answers[0].Sequence);
        }

        foreach (ActiveRequest request in _live)
        {
            foreach (Answer answer in request.Answers.Where(a => a.Finish is null))
            {
                if (request.CancelRequested || _cancelAll)
                    End(answer, answer.Cancel(), 0);
                else if (answer.Sequence.State == SequenceState.Paused && request.Outbox.UnreadTokens(answer.Sequence.Index) == 0)
                    _scheduler.Resume(answer.Sequence);
            }
        }
    }

    private void Note(ScheduledStep step)
    {
        if (step.Items.Count + step.Preempted.Count > 0)
            _telemetry.Scheduled(step);
        foreach (ScheduledSequence item in step.Items)
        {
            ActiveRequest request = item.Sequence.Answer!.Request;
            if (request.StartedAt is not null)
                continue;
            request.StartedAt = _time.GetTimestamp();
            _telemetry.Started(request.Request.Prompt.Count, _options.PrefixCache ? item.Sequence.CachedTokens : null);
        }
    }

    /// <summary>Chooses the next token of each answer whose last one was computed. What fails here fails one request.</summary>
    private void Sample(ScheduledStep step, Tensor logits)
    {
        int row = 0;
        foreach (ScheduledSequence item in step.Items)
        {
            Answer answer = item.Sequence.Answer!;
            int end = row + item.First + item.Count - item.FirstLogit;
            try
            {
                answer.NotePromptLogprobs(item, logits, row, _scratch);
                if (item.Samples)
                    answer.Sample(logits.Row(end - 1), _scratch);
            }
            catch (Exception error)
            {
                EngineLog.RequestFailed(_logger, error, answer.Request.Request.Id);
                Fail(answer.Request, error);
            }

            row = end;
        }
    }

    private void Emit(ScheduledStep step)
    {
        long now = _time.GetTimestamp();
        foreach (ScheduledSequence item in step.Items)
        {
            Answer answer = item.Sequence.Answer!;
            if (answer.Request.Failure is not null)
                continue;
            _scheduler.Advance(item);
            if (answer.Emit() is not { } delta)
                continue;
            _telemetry.Generated(answer, now);
            if (answer.Finish is not null)
                End(answer, delta, 1);
            else
                Deliver(answer, delta);
            if (answer.Generated == 1 && answer.Sequence.Index == 0)
                Fork(answer.Request);
        }
    }

    private void Deliver(Answer answer, GenerationDelta delta)
    {
        Outbox outbox = answer.Request.Outbox;
        outbox.Add(delta, 1);
        int unread = outbox.UnreadTokens(answer.Sequence.Index);
        if (unread < _options.MaxUnreadTokens)
            return;
        EngineLog.Paused(_logger, answer.Request.Request.Id, answer.Sequence.Index, unread);
        _scheduler.Pause(answer.Sequence);
    }

    /// <summary>The prompt is computed: the other answers share its blocks through the prefix cache.</summary>
    private void Fork(ActiveRequest request)
    {
        foreach (Answer sibling in request.Answers.Skip(1))
            _scheduler.Add(sibling.Sequence);
    }

    private void End(Answer answer, GenerationDelta delta, int generated)
    {
        answer.Request.Outbox.Add(delta, generated);
        _scheduler.Remove(answer.Sequence);
    }

    private void FailStep(ScheduledStep step, Exception error)
    {
        ActiveRequest[] requests = [.. step.Items.Select(i => i.Sequence.Answer!.Request).Distinct()];
        EngineLog.StepFailed(_logger, error, _name, requests.Length);
        foreach (ActiveRequest request in requests)
            Fail(request, error);
    }

    private void Fail(ActiveRequest request, Exception error)
    {
        request.Failure ??= error as GenerationFailedException ?? new GenerationFailedException($"the engine failed in a step of this request: {error.Message}", error);
        foreach (Answer answer in request.Answers)
            _scheduler.Remove(answer.Sequence);
    }

    /// <summary>Lets go of the requests that ended, and shows the new state before their readers learn of it.</summary>
    private void Release()
    {
        ActiveRequest[] ended = [.. _live.Where(r => r.HasEnded)];
        foreach (ActiveRequest request in ended)
        {
            _live.Remove(request);
            if (!_options.PrefixCache)
                _cache.Forget(request.Answers[0].Sequence.CacheKey);
        }

        _admission.Update(_live.Count(r => r.Waits), _scheduler.Running);
        _statistics = Snapshot();
        foreach (ActiveRequest request in ended)
            Complete(request);
    }

    private void Complete(ActiveRequest request)
    {
        long now = _time.GetTimestamp();
        GenerationUsage usage = request.Usage;
        _telemetry.Ended(request, now);
        _admission.Leave();
        EngineLog.RequestEnded(_logger, request.Request.Id, usage.PromptTokens, usage.CachedTokens, usage.CompletionTokens);
        if (request.Failure is not null)
            request.Outbox.Fail(request.Failure);
        else
            request.Outbox.Complete(usage, request.Timing(_time, now));
    }

    private void Loop()
    {
        while (!_stopping || _admission.Live > 0)
        {
            try
            {
                if (!Step() && !_stopping)
                    _wake.WaitOne();
            }
            catch (Exception error)
            {
                EngineLog.LoopFailed(_logger, error, _name, _live.Count);
                foreach (ActiveRequest request in _live)
                    Fail(request, error);
            }
        }

        _stopped.SetResult();
    }

    private ActiveRequest Submit(GenerationRequest request)
    {
        try
        {
            ActiveRequest active = _requests.Make(request);
            _admission.Enter(active);
            _wake.Set();
            return active;
        }
        catch (Exception error) when (error is InvalidRequestException or QueueFullException or EngineDrainingException)
        {
            _telemetry.Refused(error is InvalidRequestException ? "invalid" : error is QueueFullException ? "queue_full" : "draining");
            throw;
        }
    }

    private void Cancel(ActiveRequest request)
    {
        request.CancelRequested = true;
        _wake.Set();
    }

    private EngineStatistics Snapshot() => new()
    {
        Running = _scheduler.Running,
        Waiting = _scheduler.Waiting + _scheduler.Paused,
        LiveRequests = _admission.Live,
        TotalBlocks = _blocks.TotalBlocks,
        UsedBlocks = _blocks.TotalBlocks - _scheduler.AvailableBlocks,
        CachedBlocks = _cache.EvictableBlocks,
        PrefixCacheQueries = _telemetry.PrefixCacheQueries,
        PrefixCacheHits = _telemetry.PrefixCacheHits,
        Preemptions = _telemetry.Preemptions,
        PromptTokens = _telemetry.PromptTokens,
        GenerationTokens = _telemetry.GenerationTokens,
        Steps = _telemetry.Steps,
    };
}
