using Microsoft.Extensions.Logging;

namespace Inference.Generation;

/// <summary>
/// Turns chosen tokens into updates for their readers, in order. With a thread of its own, text, log-probabilities and
/// measurements are made while the next step runs; without one, at the end of their step, which is better where the
/// model's threads keep every processor busy. The engine adds, and hands over once a step. What lies here is bounded by
/// the tokens that answers may have unread.
/// </summary>
internal sealed class Delivery : IDisposable
{
    private readonly EngineTelemetry _telemetry;
    private readonly AdmissionQueue _admission;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Action _onFault;
    private readonly Thread? _thread;
    private readonly object _gate = new();
    private readonly Queue<List<Item>> _batches = new();
    private List<Item> _open = [];
    private bool _isBusy;
    private bool _stopping;

    public Delivery(string name, EngineTelemetry telemetry, AdmissionQueue admission, TimeProvider time, ILogger logger, Action onFault, bool ownThread)
    {
        (_telemetry, _admission, _time, _logger, _onFault) = (telemetry, admission, time, logger, onFault);
        if (!ownThread)
            return;
        _thread = new Thread(Serve) { IsBackground = true, Name = $"delivery {name}" };
        _thread.Start();
    }

    /// <summary>A token, chosen at a timestamp.</summary>
    public void Add(Answer answer, ChosenToken token, long at) => _open.Add(new Item(answer.Request, answer, token, at));

    /// <summary>An answer was cancelled.</summary>
    public void AddCancelled(Answer answer) => _open.Add(new Item(answer.Request, answer, null, 0));

    /// <summary>A request has ended; nothing comes after.</summary>
    public void AddEnded(ActiveRequest request) => _open.Add(new Item(request, null, null, 0));

    /// <summary>Hands over what was added.</summary>
    public void Flush()
    {
        if (_open.Count == 0)
            return;
        if (_thread is null)
        {
            Deliver(_open);
            _open.Clear();
            return;
        }

        lock (_gate)
        {
            _batches.Enqueue(_open);
            _isBusy = true;
            Monitor.PulseAll(_gate);
        }

        _open = [];
    }

    /// <summary>Waits until all that was handed over is with its readers.</summary>
    public void Wait()
    {
        lock (_gate)
        {
            while (_isBusy)
                Monitor.Wait(_gate);
        }
    }

    /// <summary>Delivers what is left and ends the thread.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _stopping = true;
            Monitor.PulseAll(_gate);
        }

        _thread?.Join();
    }

    private void Serve()
    {
        while (Take() is { } batch)
            Deliver(batch);
    }

    private List<Item>? Take()
    {
        lock (_gate)
        {
            if (_batches.Count == 0)
            {
                _isBusy = false;
                Monitor.PulseAll(_gate);
            }

            while (_batches.Count == 0 && !_stopping)
                Monitor.Wait(_gate);
            return _batches.TryDequeue(out List<Item>? batch) ? batch : null;
        }
    }

    private void Deliver(List<Item> batch)
    {
        foreach (Item item in batch)
            Deliver(item);
    }

    private void Deliver(Item item)
    {
        ActiveRequest request = item.Request;
        try
        {
            if (item.Answer is not { } answer)
                Complete(request);
            else if (request.DeliveryFault is not null)
                return;
            else if (item.Token is { } token)
                Deliver(answer, token, item.At);
            else
                request.Outbox.Add(answer.Delivery.End(), 0);
        }
        catch (Exception error)
        {
            EngineLog.RequestFailed(_logger, error, request.Request.Id);
            request.DeliveryFault = error;
            _onFault();
        }
    }

    private void Deliver(Answer answer, ChosenToken token, long at)
    {
        GenerationDelta delta = answer.Delivery.Next(token);
        _telemetry.Generated(answer, at);
        answer.Request.Outbox.Add(delta, 1);
    }

    private void Complete(ActiveRequest request)
    {
        long now = _time.GetTimestamp();
        GenerationFailedException? failure = request.Failure ?? GenerationFailedException.From(request.DeliveryFault);
        GenerationUsage usage = request.Usage;
        try
        {
            _telemetry.Ended(request, failure is null, now);
            EngineLog.RequestEnded(_logger, request.Request.Id, usage.PromptTokens, usage.CachedTokens, usage.CompletionTokens);
        }
        finally
        {
            _admission.Leave();
            if (failure is not null)
                request.Outbox.Fail(failure);
            else
                request.Outbox.Complete(usage, request.Timing(_time, now));
        }
    }

    /// <summary>Without a token the answer was cancelled; without an answer the request has ended.</summary>
    private readonly record struct Item(ActiveRequest Request, Answer? Answer, ChosenToken? Token, long At);
}
