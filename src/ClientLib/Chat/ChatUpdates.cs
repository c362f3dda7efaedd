using Inference.Contracts.V1;
using Microsoft.Extensions.AI;

namespace Inference.ClientLib.Chat;

/// <summary>A generation's messages as updates of one assistant message.</summary>
internal sealed class ChatUpdates(DateTimeOffset created)
{
    private string? _requestId;
    private string? _model;

    public ChatResponseUpdate Next(GenerateResponse response)
    {
        _requestId ??= response.RequestId.Length > 0 ? response.RequestId : null;
        _model ??= response.Model.Length > 0 ? response.Model : null;
        ChatResponseUpdate update = new()
        {
            Role = ChatRole.Assistant,
            ResponseId = _requestId,
            MessageId = _requestId,
            ModelId = _model,
            CreatedAt = created,
            RawRepresentation = response,
        };
        foreach (Delta delta in response.Deltas.Where(d => d.Index == 0))
        {
            if (delta.Text.Length > 0)
            {
                update.Contents.Add(new TextContent(delta.Text));
            }

            update.FinishReason = ToFinishReason(delta.FinishReason) ?? update.FinishReason;
        }

        if (response.Usage is { } usage)
        {
            update.Contents.Add(new UsageContent(new UsageDetails
            {
                InputTokenCount = usage.PromptTokens,
                OutputTokenCount = usage.CompletionTokens,
                TotalTokenCount = usage.PromptTokens + usage.CompletionTokens,
                CachedInputTokenCount = usage.CachedTokens,
            }));
        }

        return update;
    }

    private static ChatFinishReason? ToFinishReason(FinishReason reason) => reason switch
    {
        FinishReason.Stop => ChatFinishReason.Stop,
        FinishReason.Length => ChatFinishReason.Length,
        FinishReason.Cancelled => new ChatFinishReason("cancelled"),
        _ => null,
    };
}
