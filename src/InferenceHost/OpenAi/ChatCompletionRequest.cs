using System.Text.Json;
using System.Text.Json.Nodes;
using Inference.Generation;

namespace Inference.InferenceHost.OpenAi;

/// <summary>Body of POST /v1/chat/completions.</summary>
internal sealed class ChatCompletionRequest : GenerationBody
{
    private const string NoTools = "tool calls are not supported by this server";

    public IReadOnlyList<ChatMessageBody>? Messages { get; init; }

    /// <summary>Wins over max_tokens, its older name.</summary>
    public int? MaxCompletionTokens { get; init; }

    /// <summary>Return log-probabilities of the chosen tokens.</summary>
    public bool? Logprobs { get; init; }

    /// <summary>And of this many best ones; needs logprobs.</summary>
    public int? TopLogprobs { get; init; }

    public JsonElement? Tools { get; init; }

    public JsonElement? Functions { get; init; }

    public JsonElement? Audio { get; init; }

    /// <summary>Extension: a Jinja template in place of the model's own.</summary>
    public string? ChatTemplate { get; init; }

    /// <summary>Extension: further variables of the template.</summary>
    public JsonObject? ChatTemplateKwargs { get; init; }

    /// <summary>Extension, default true: end the prompt with the start of an assistant turn.</summary>
    public bool? AddGenerationPrompt { get; init; }

    /// <summary>The model's defaults with this body's values in their place.</summary>
    /// <exception cref="InvalidRequestException">top_logprobs without logprobs, or a bad logit_bias.</exception>
    public SamplingParameters ToSampling(SamplingParameters defaults)
    {
        if (TopLogprobs is { } top && Logprobs != true)
        {
            throw new InvalidRequestException("top_logprobs", $"needs \"logprobs\": true beside the value {top}");
        }

        if (TopLogprobs is < 0 or > SamplingParametersValidator.MaxLogprobs)
        {
            throw new InvalidRequestException("top_logprobs", $"must be from 0 to {SamplingParametersValidator.MaxLogprobs}, not {TopLogprobs}");
        }

        return Sampling(defaults) with
        {
            Logprobs = Logprobs == true ? TopLogprobs ?? 0 : null,
            MaxTokens = MaxCompletionTokens ?? MaxTokens ?? defaults.MaxTokens,
        };
    }

    /// <inheritdoc/>
    protected override IEnumerable<(string Field, JsonElement? Value, string Reason)> Unsupported() =>
    [
        ("tools", Tools, NoTools),
        ("functions", Functions, NoTools),
        ("audio", Audio, "spoken answers are not supported by this server"),
        .. (Messages ?? []).Select((message, i) => ($"messages[{i}].tool_calls", message.ToolCalls, NoTools)),
    ];
}
