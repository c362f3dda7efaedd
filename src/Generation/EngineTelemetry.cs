using System.Diagnostics;

namespace Inference.Generation;

/// <summary>
/// What an engine counts and measures. The engine's thread tells of steps, the delivery's of tokens and ends; each total has one writer.
/// </summary>
internal sealed class EngineTelemetry(GenerationMetrics? metrics, TimeProvider time, string model)
{
    /// <summary>The model's tag on each measurement.</summary>
    public KeyValuePair<string, object?> ModelTag { get; } = new("model_name", model);

    public long PrefixCacheQueries { get; private set; }

    public long PrefixCacheHits { get; private set; }

    public long Preemptions { get; private set; }

    public long PromptTokens { get; private set; }

    public long GenerationTokens { get; private set; }

    public long Steps { get; private set; }

    public long DraftTokens { get; private set; }

    public long AcceptedTokens { get; private set; }

    /// <summary>A step was scheduled.</summary>
    public void Scheduled(ScheduledStep step)
    {
        Steps++;
        Preemptions += step.Preempted.Count;
        metrics?.IterationTokens.Record(step.TokenCount, ModelTag);
    }

    /// <summary>A request begins to run.</summary>
    public void Started(int promptTokens, int? cachedTokens)
    {
        PromptTokens += promptTokens;
        PrefixCacheQueries += cachedTokens is null ? 0 : promptTokens;
        PrefixCacheHits += cachedTokens ?? 0;
    }

    /// <summary>A guess was checked.</summary>
    public void Speculated(int drafted, int accepted)
    {
        DraftTokens += drafted;
        AcceptedTokens += accepted;
    }

    /// <summary>A token of an answer came.</summary>
    public void Generated(Answer answer, long now)
    {
        ActiveRequest request = answer.Request;
        GenerationTokens++;
        if (request.FirstTokenAt is null)
        {
            request.FirstTokenAt = now;
            metrics?.TimeToFirstToken.Record(Seconds(request.ArrivedAt, now), ModelTag);
        }

        AnswerDelivery delivery = answer.Delivery;
        if (delivery.LastTokenAt != 0)
            metrics?.InterTokenLatency.Record(Seconds(delivery.LastTokenAt, now), ModelTag);
        delivery.LastTokenAt = request.LastTokenAt = now;
    }

    /// <summary>A request ended.</summary>
    public void Ended(ActiveRequest request, bool succeeded, long now)
    {
        if (!succeeded)
        {
            Refused("error");
            return;
        }

        if (metrics is null)
            return;
        GenerationUsage usage = request.Usage;
        GenerationTiming timing = request.Timing(time, now);
        metrics.RequestSuccess.Add(1, ModelTag, new("finished_reason", Reason(request.Answers[0].Finish)));
        metrics.EndToEndLatency.Record(timing.Total.TotalSeconds, ModelTag);
        metrics.QueueTime.Record(timing.Queue.TotalSeconds, ModelTag);
        metrics.RequestPromptTokens.Record(usage.PromptTokens, ModelTag);
        metrics.RequestGenerationTokens.Record(usage.CompletionTokens, ModelTag);
        if (request.FirstTokenAt is null)
            return;
        metrics.PrefillTime.Record(timing.Prefill.TotalSeconds, ModelTag);
        metrics.DecodeTime.Record(timing.Decode.TotalSeconds, ModelTag);
        metrics.InferenceTime.Record((timing.Prefill + timing.Decode).TotalSeconds, ModelTag);
        double later = usage.CompletionTokens - request.Answers.Count;
        if (later > 0)
            metrics.TimePerOutputToken.Record(timing.Decode.TotalSeconds * request.Answers.Count / later, ModelTag);
    }

    /// <summary>A request was not taken on, or failed.</summary>
    public void Refused(string reason) => metrics?.RequestFailure.Add(1, ModelTag, new("reason", reason));

    private static string Reason(FinishReason? finish) => finish switch
    {
        FinishReason.Stop => "stop",
        FinishReason.Length => "length",
        FinishReason.Cancelled => "abort",
        _ => throw new UnreachableException($"an answer ended as {finish}"),
    };

    private double Seconds(long from, long to) => time.GetElapsedTime(from, to).TotalSeconds;
}
