namespace Inference.Generation;

/// <summary>A generation to run. The engine checks it on arrival (<see cref="InvalidRequestException"/>).</summary>
public sealed record GenerationRequest
{
    /// <summary>Unique id, for logs and the client.</summary>
    public required string Id { get; init; }

    /// <summary>The prompt's tokens, at least one.</summary>
    public required IReadOnlyList<int> Prompt { get; init; }

    /// <summary>How tokens are chosen.</summary>
    public SamplingParameters Sampling { get; init; } = new();

    /// <summary>Higher runs first and may preempt lower; -100 to 100.</summary>
    public int Priority { get; init; }

    /// <summary>Whose request it is; fair share is kept between tenants.</summary>
    public string Tenant { get; init; } = "";

    /// <summary>Conversation that it belongs to.</summary>
    public string SessionId { get; init; } = "";

    /// <summary>The adapter to answer with, as "name" or "name@version"; empty: the base alone.</summary>
    public string Adapter { get; init; } = "";

    /// <summary>Return the prompt's text, tokens and, with Logprobs, their log-probabilities before the answer.</summary>
    public bool Echo { get; init; }
}
