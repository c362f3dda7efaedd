using System.Text.Json;
using Inference.Generation;

namespace Inference.InferenceHost.OpenAi;

/// <summary>Body of POST /v1/completions.</summary>
internal sealed class CompletionRequest : GenerationBody
{
    // OpenAI's default, which clients of this endpoint count on.
    private const int DefaultMaxTokens = 16;

    public CompletionPrompt? Prompt { get; init; }

    /// <summary>Return the prompt before the answer.</summary>
    public bool? Echo { get; init; }

    /// <summary>Log-probabilities of the chosen tokens and of this many best ones.</summary>
    public int? Logprobs { get; init; }

    public JsonElement? Suffix { get; init; }

    public int? BestOf { get; init; }

    /// <summary>The model's defaults with this body's values in their place.</summary>
    public SamplingParameters ToSampling(SamplingParameters defaults) => Sampling(defaults) with
    {
        Logprobs = Logprobs,
        MaxTokens = MaxTokens ?? defaults.MaxTokens ?? DefaultMaxTokens,
    };

    /// <inheritdoc/>
    protected override IEnumerable<(string Field, JsonElement? Value, string Reason)> Unsupported()
    {
        if (Suffix is { ValueKind: not JsonValueKind.String } || Suffix?.GetString() is { Length: > 0 })
        {
            yield return ("suffix", Suffix, "filling in before a suffix is not supported");
        }

        if (BestOf is { } best && best != (N ?? 1))
        {
            throw new InvalidRequestException("best_of", $"must equal n ({N ?? 1}), not {best}: all answers are returned");
        }
    }
}
