using System.Text;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Inference.Contracts.V1;
using Inference.Generation;
using FinishReason = Inference.Generation.FinishReason;
using TokenLogprob = Inference.Generation.TokenLogprob;
using WireFinishReason = Inference.Contracts.V1.FinishReason;
using WireTokenLogprob = Inference.Contracts.V1.TokenLogprob;

namespace Inference.InferenceHost.Grpc;

/// <summary>The engine's updates as messages of the wire.</summary>
internal static class GenerateResponses
{
    /// <summary>One message of the stream.</summary>
    public static GenerateResponse ToResponse(GenerationUpdate update)
    {
        GenerateResponse response = new() { Usage = ToUsage(update.Usage), Timing = ToTiming(update.Timing) };
        response.Deltas.AddRange(update.Deltas.Select(ToDelta));
        return response;
    }

    private static Delta ToDelta(GenerationDelta delta)
    {
        Delta wire = new()
        {
            Index = delta.Index,
            Text = delta.Text,
            StopText = delta.StopText ?? "",
            FinishReason = delta.FinishReason switch
            {
                null => WireFinishReason.Unspecified,
                FinishReason.Stop => WireFinishReason.Stop,
                FinishReason.Length => WireFinishReason.Length,
                _ => WireFinishReason.Cancelled,
            },
        };
        wire.TokenIds.AddRange(delta.TokenIds.Select(id => (uint)id));
        wire.Logprobs.AddRange(delta.Logprobs.Select(ToLogprob));
        return wire;
    }

    private static WireTokenLogprob ToLogprob(TokenLogprob logprob)
    {
        WireTokenLogprob wire = new()
        {
            TokenId = (uint)logprob.TokenId,
            Token = Encoding.UTF8.GetString(logprob.Bytes),
            Bytes = ByteString.CopyFrom(logprob.Bytes),
            Logprob = logprob.Logprob,
        };
        wire.Top.AddRange(logprob.Top.Select(ToLogprob));
        return wire;
    }

    private static Usage? ToUsage(GenerationUsage? usage) => usage is null ? null : new Usage
    {
        PromptTokens = usage.PromptTokens,
        CompletionTokens = usage.CompletionTokens,
        CachedTokens = usage.CachedTokens,
    };

    private static Timing? ToTiming(GenerationTiming? timing) => timing is null ? null : new Timing
    {
        Queue = Duration.FromTimeSpan(timing.Queue),
        Prefill = Duration.FromTimeSpan(timing.Prefill),
        Decode = Duration.FromTimeSpan(timing.Decode),
        TimeToFirstToken = Duration.FromTimeSpan(timing.TimeToFirstToken),
        Total = Duration.FromTimeSpan(timing.Total),
    };
}
