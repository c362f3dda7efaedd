using System.Runtime.CompilerServices;
using Inference.Generation.Adapters;
using Inference.Models;
using Inference.Text.Tokenizers;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Inference.Generation;

/// <summary>
/// Runs the generations of one model, batched, on a thread of its own: the <see cref="EngineLoop"/>. Requests are checked
/// and taken on here.
/// </summary>
public sealed class LlmEngine : IAsyncDisposable
{
    private readonly string _name;
    private readonly LlmEngineOptions _options;
    private readonly int _blocks;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly GenerationMetrics? _metrics;
    private readonly EngineTelemetry _telemetry;
    private readonly RequestFactory _requests;
    private readonly AdmissionQueue _admission;
    private readonly Delivery _delivery;
    private readonly EngineLoop _loop;
    private readonly AutoResetEvent _wake = new(false);
    private readonly Thread _thread;
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
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
    /// <param name="draft">A smaller model of the same vocabulary that guesses how answers go on; null guesses as the options say. Stays the caller's.</param>
    /// <exception cref="InvalidRequestException">An option is out of its range.</exception>
    public LlmEngine(
        string name, ICausalModel model, Tokenizer tokenizer, LlmEngineOptions options,
        GenerationMetrics? metrics = null, TimeProvider? time = null, ILogger? logger = null, ICausalModel? draft = null)
        : this(name, model, tokenizer, options, metrics, time, logger, draft, start: true)
    {
    }

    internal LlmEngine(
        string name, ICausalModel model, Tokenizer tokenizer, LlmEngineOptions options,
        GenerationMetrics? metrics, TimeProvider? time, ILogger? logger, ICausalModel? draft, bool start)
    {
        if (options.Validate() is { Count: > 0 } violations)
            throw new InvalidRequestException(violations);
        ModelConfig config = model.Config;
        _blocks = KvCacheSize.Blocks(config, draft?.Config, options, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes);
        (_name, _options, _metrics) = (name, options, metrics);
        _time = time ?? TimeProvider.System;
        _logger = logger ?? NullLogger.Instance;
        _telemetry = new EngineTelemetry(metrics, _time, name);
        _requests = new RequestFactory(name, config, tokenizer, options, _blocks * options.BlockLength, _time);
        _admission = new AdmissionQueue(options.MaxWaiting, options.MaxRunning, _time);
        bool overlap = options.OverlapDelivery ?? (model.HostThreads < Environment.ProcessorCount);
        _delivery = new Delivery(name, _telemetry, _admission, _time, _logger, onFault: () => _wake.Set(), overlap);
        _loop = new EngineLoop(name, model, draft, _blocks, options, _admission, _delivery, _telemetry, _time, _logger);
        _thread = new Thread(Loop) { IsBackground = true, Name = $"engine {name}" };
        metrics?.Register(this);
        EngineLog.Started(_logger, name, _blocks, options.BlockLength, ContextLimit);
        if (start)
            _thread.Start();
    }

    /// <summary>The state after the last step, and the totals. Safe to read from any thread.</summary>
    public EngineStatistics Statistics => _loop.Statistics;

    /// <summary>True once <see cref="DrainAsync"/> has begun.</summary>
    public bool IsDraining => _admission.IsClosed;

    /// <summary>Tokens that prompt and answer may have together: the model's context, or the KV cache where it is smaller.</summary>
    public int ContextLimit => _requests.ContextLimit;

    /// <summary>The adapters that requests may name; null: none. Stays the caller's, and must outlive the engine.</summary>
    public AdapterPool? Adapters { get; init; }

    internal KeyValuePair<string, object?> ModelTag => _telemetry.ModelTag;

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
        AdapterLease? adapter = request.Adapter.Length == 0 ? null : await AcquireAsync(request.Adapter, cancellationToken).ConfigureAwait(false);
        ActiveRequest active = Submit(request, adapter);
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
            _loop.CancelAll();
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
        _loop.CancelAll();
        _stopping = true;
        _wake.Set();
        if (_thread.ThreadState.HasFlag(ThreadState.Unstarted))
            Loop();
        await _stopped.Task.ConfigureAwait(false);
        _metrics?.Unregister(this);
        _delivery.Dispose();
        _loop.Dispose();
        EngineLog.Stopped(_logger, _name);
    }

    internal KeyValuePair<string, object?>[] CacheTags() =>
    [
        ModelTag,
        new("block_size", _options.BlockLength),
        new("num_blocks", _blocks),
        new("cache_dtype", _options.KvCacheType.ToString()),
        new("enable_prefix_caching", _options.PrefixCache),
    ];

    /// <summary>One turn of the loop, to its last update. For tests, in the place of the thread.</summary>
    internal bool Step()
    {
        bool ran = _loop.Step();
        _delivery.Wait();
        return ran;
    }

    private void Loop()
    {
        while (!_stopping || _admission.Live > 0)
        {
            try
            {
                if (!_loop.Step() && !_stopping)
                    _wake.WaitOne();
            }
            catch (Exception error)
            {
                _loop.FailAll(error);
            }
        }

        _stopped.SetResult();
    }

    /// <summary>The adapter, read where it is not in memory; the engine goes on meanwhile.</summary>
    private async Task<AdapterLease> AcquireAsync(string adapter, CancellationToken cancellationToken)
    {
        try
        {
            return await (Adapters ?? throw new UnknownAdapterException(adapter)).AcquireAsync(adapter, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            _telemetry.Refused("adapter");
            throw;
        }
    }

    /// <summary>The request holds its adapter until it has ended, or was refused.</summary>
    private ActiveRequest Submit(GenerationRequest request, AdapterLease? adapter)
    {
        try
        {
            ActiveRequest active = _requests.Make(request, adapter);
            _admission.Enter(active);
            _wake.Set();
            return active;
        }
        catch (Exception error)
        {
            adapter?.Dispose();
            if (error is InvalidRequestException or QueueFullException or EngineDrainingException)
                _telemetry.Refused(error is InvalidRequestException ? "invalid" : error is QueueFullException ? "queue_full" : "draining");
            throw;
        }
    }

    private void Cancel(ActiveRequest request)
    {
        request.CancelRequested = true;
        _wake.Set();
    }
}
