using Inference.Generation.Sampling;
using Inference.Generation.Speculation;
using Inference.Models;
using Inference.Tensors;
using Microsoft.Extensions.Logging;

namespace Inference.Generation;

/// <summary>
/// Requests wait, get blocks, run, yield a token, leave: <see cref="Step"/> is that story. All here is touched by the
/// engine's thread only; the rest of the world meets it at the <see cref="AdmissionQueue"/> (in) and at the
/// <see cref="Delivery"/> (out), which works while the next step runs.
/// </summary>
internal sealed class EngineLoop : IDisposable
{
    /// <summary>Logits of a step from which choosing the tokens pays for waking other threads.</summary>
    private const int LogitsWorthSharing = 32_768;

    private readonly string _name;
    private readonly LlmEngineOptions _options;
    private readonly ICausalModel _model;
    private readonly BlockManager _blocks;
    private readonly PrefixCache _cache;
    private readonly Scheduler _scheduler;
    private readonly ModelRunner _runner;
    private readonly IDraftSource? _drafts;
    private readonly AdmissionQueue _admission;
    private readonly Delivery _delivery;
    private readonly EngineTelemetry _telemetry;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly SamplingScratch[] _scratch;
    private readonly List<ActiveRequest> _live = [];
    private volatile EngineStatistics _statistics;
    private volatile bool _cancelAll;

    public EngineLoop(
        string name, ICausalModel model, ICausalModel? draft, int blockCount, LlmEngineOptions options, AdmissionQueue admission, Delivery delivery,
        EngineTelemetry telemetry, TimeProvider time, ILogger logger)
    {
        (_name, _model, _options, _admission, _delivery, _telemetry, _time, _logger) = (name, model, options, admission, delivery, telemetry, time, logger);
        _blocks = new BlockManager(blockCount, options.BlockLength);
        _cache = new PrefixCache(_blocks);
        _scheduler = new Scheduler(options, _blocks, _cache);
        _runner = new ModelRunner(model, blockCount, options.BlockLength, options.KvCacheType);
        if (draft is not null && _scheduler.MaxDraft > 0)
            _drafts = new DraftModel(draft, model, blockCount, _scheduler.MaxDraft, options, _scheduler.DecodeCosts, time);
        else if (options.Speculation == SpeculationMode.PromptLookup)
            _drafts = new PromptLookup(options.MaxDraftTokens);
        _scratch = [.. Enumerable.Range(0, model.HostThreads).Select(_ => new SamplingScratch(model.Config.VocabularySize))];
        _statistics = Snapshot();
    }

    /// <summary>The state after the last step. Safe to read from any thread.</summary>
    public EngineStatistics Statistics => _statistics with { LiveRequests = _admission.Live, GenerationTokens = _telemetry.GenerationTokens };

    /// <summary>Ends all that is there with the next step. Safe from any thread.</summary>
    public void CancelAll() => _cancelAll = true;

    /// <summary>One turn of the engine: admit, schedule, run, sample, emit. False where there was nothing to run.</summary>
    public bool Step()
    {
        Admit();
        _drafts?.Propose(_scheduler.Decoding);
        long began = _time.GetTimestamp();
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
        _scheduler.Learn(step, _time.GetElapsedTime(began));
        return step.Items.Count > 0;
    }

    /// <summary>Fails all that is there.</summary>
    public void FailAll(Exception error)
    {
        EngineLog.LoopFailed(_logger, error, _name, _live.Count);
        foreach (ActiveRequest request in _live)
            Fail(request, error);
    }

    public void Dispose()
    {
        _drafts?.Dispose();
        _runner.Dispose();
    }

    /// <summary>Takes in arrivals, and acts on readers that left, lag, caught up, or must be gone.</summary>
    private void Admit()
    {
        while (_admission.TryTake(out ActiveRequest? arrival))
        {
            _live.Add(arrival);
            arrival.Adapter?.Usage.Arrived();
            _scheduler.Add(arrival.Answers[0].Sequence);
        }

        foreach (ActiveRequest request in _live)
        {
            if (request.DeliveryFault is { } fault)
                Fail(request, fault);
            foreach (Answer answer in request.Answers.Where(a => a.Finish is null))
            {
                if (request.CancelRequested || _cancelAll)
                    Cancel(answer);
                else
                    FollowReader(answer);
            }
        }
    }

    private void Cancel(Answer answer)
    {
        answer.Cancel();
        _delivery.AddCancelled(answer);
        _scheduler.Remove(answer.Sequence);
    }

    private void FollowReader(Answer answer)
    {
        Sequence sequence = answer.Sequence;
        int unread = answer.Generated - answer.Request.Outbox.TakenTokens(sequence.Index);
        if (sequence.State == SequenceState.Running && unread >= _options.MaxUnreadTokens)
        {
            EngineLog.Paused(_logger, answer.Request.Request.Id, sequence.Index, unread);
            _scheduler.Pause(sequence);
        }
        else if (sequence.State == SequenceState.Paused && unread == 0)
        {
            _scheduler.Resume(sequence);
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
            request.Adapter?.Usage.Started();
            _telemetry.Started(request.Request.Prompt.Count, _options.PrefixCache ? item.Sequence.CachedTokens : null);
        }
    }

    /// <summary>Chooses the next token of each answer whose last one was computed. What fails here fails one request.</summary>
    private void Sample(ScheduledStep step, Tensor logits)
    {
        int[] rows = new int[step.Items.Count];
        for (int i = 1; i < rows.Length; i++)
            rows[i] = rows[i - 1] + step.Items[i - 1].LogitCount;
        if ((long)logits.Rows * logits.Columns >= LogitsWorthSharing)
        {
            _model.RunOnHost(rows.Length, Choose);
        }
        else
        {
            for (int i = 0; i < rows.Length; i++)
                Choose(i, 0);
        }

        void Choose(int i, int thread) => step.Items[i].Sequence.Answer!.Choose(step.Items[i], logits, rows[i], _scratch[thread]);
    }

    private void Emit(ScheduledStep step)
    {
        long now = _time.GetTimestamp();
        foreach (ScheduledSequence item in step.Items)
        {
            Answer answer = item.Sequence.Answer!;
            if (answer.Fault is { } fault)
            {
                EngineLog.RequestFailed(_logger, fault, answer.Request.Request.Id);
                Fail(answer.Request, fault);
            }

            if (answer.Request.Failure is null)
                Emit(item, answer, now);
        }
    }

    private void Emit(ScheduledSequence item, Answer answer, long now)
    {
        int accepted = Math.Max(0, answer.Chosen.Count - 1);
        _scheduler.Advance(item, accepted);
        _telemetry.Speculated(item.Draft.Length, accepted);
        foreach (ChosenToken token in answer.Chosen)
            _delivery.Add(answer, token, now);
        if (answer.Chosen.Count > 0 && answer.Chosen.Count == answer.Generated && answer.Sequence.Index == 0)
            Fork(answer.Request);
        if (answer.Finish is not null)
            _scheduler.Remove(answer.Sequence);
    }

    /// <summary>The prompt is computed: the other answers share its blocks through the prefix cache.</summary>
    private void Fork(ActiveRequest request)
    {
        foreach (Answer sibling in request.Answers.Skip(1))
            _scheduler.Add(sibling.Sequence);
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
        request.Failure ??= GenerationFailedException.From(error);
        foreach (Answer answer in request.Answers)
            _scheduler.Remove(answer.Sequence);
    }

    /// <summary>Lets go of the requests that ended, and shows the new state before their readers learn of it.</summary>
    private void Release()
    {
        foreach (ActiveRequest request in _live.Where(r => r.HasEnded).ToArray())
        {
            _live.Remove(request);
            request.Adapter?.Usage.Ended(request.StartedAt is not null, request.Usage);
            request.Adapter?.Dispose();
            _delivery.AddEnded(request);
            if (!_options.PrefixCache)
                _cache.Forget(request.Answers[0].Sequence.CacheKey);
        }

        _admission.Update(_live.Count(r => r.Waits), _scheduler.Running);
        _statistics = Snapshot();
        _delivery.Flush();
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
        DraftTokens = _telemetry.DraftTokens,
        AcceptedTokens = _telemetry.AcceptedTokens,
    };
}
