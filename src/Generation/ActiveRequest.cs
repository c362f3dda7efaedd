using Inference.Generation.Adapters;
using Inference.Generation.Sampling;

namespace Inference.Generation;

/// <summary>
/// A request that the engine has taken on. The engine's thread owns it, but for what says otherwise; the delivery's thread
/// reads what was set before it was told.
/// </summary>
internal sealed class ActiveRequest(GenerationRequest request, long arrival, long arrivedAt)
{
    private volatile bool _cancelRequested;
    private volatile Exception? _deliveryFault;

    public GenerationRequest Request { get; } = request;

    /// <summary>Order of arrival.</summary>
    public long Arrival { get; } = arrival;

    public Outbox Outbox { get; } = new(request.Sampling.N);

    public IReadOnlyList<Answer> Answers { get; set; } = [];

    /// <summary>The adapter that it holds until it has ended, or null.</summary>
    public AdapterLease? Adapter { get; init; }

    /// <summary>Log-probabilities of the prompt's tokens, for echo.</summary>
    public List<TokenChoice> PromptLogprobs { get; } = [];

    /// <summary>The client has left. Any thread's.</summary>
    public bool CancelRequested { get => _cancelRequested; set => _cancelRequested = value; }

    /// <summary>Why it failed, or null.</summary>
    public GenerationFailedException? Failure { get; set; }

    /// <summary>Why its tokens cannot be delivered, or null. The delivery's thread sets it.</summary>
    public Exception? DeliveryFault { get => _deliveryFault; set => _deliveryFault = value; }

    /// <summary>Timestamp of the arrival.</summary>
    public long ArrivedAt { get; } = arrivedAt;

    /// <summary>Timestamp of the first step; null before.</summary>
    public long? StartedAt { get; set; }

    /// <summary>Timestamp of the first token of any answer; null before. The delivery's, as the next.</summary>
    public long? FirstTokenAt { get; set; }

    /// <summary>Timestamp of the last token of any answer.</summary>
    public long LastTokenAt { get; set; }

    /// <summary>Every answer has ended, or the request failed.</summary>
    public bool HasEnded => Failure is not null || Answers.All(a => a.Finish is not null);

    /// <summary>Has no slot yet, or waits for its reader.</summary>
    public bool Waits => (StartedAt is null && Answers[0].Sequence.State != SequenceState.Running) || Answers.Any(a => a.Sequence.State == SequenceState.Paused);

    public GenerationUsage Usage => new(Request.Prompt.Count, Answers.Sum(a => a.Generated), Answers[0].Sequence.CachedTokens);

    public GenerationTiming Timing(TimeProvider time, long now)
    {
        long started = StartedAt ?? now;
        long firstToken = FirstTokenAt ?? now;
        return new GenerationTiming(
            time.GetElapsedTime(ArrivedAt, started), time.GetElapsedTime(started, firstToken),
            FirstTokenAt is null ? TimeSpan.Zero : time.GetElapsedTime(firstToken, LastTokenAt),
            time.GetElapsedTime(ArrivedAt, firstToken), time.GetElapsedTime(ArrivedAt, now));
    }
}
