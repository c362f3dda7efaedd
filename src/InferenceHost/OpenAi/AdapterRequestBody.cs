using Inference.Generation;

namespace Inference.InferenceHost.OpenAi;

/// <summary>Body of the calls that do something with an adapter; vLLM's names of the fields are taken too.</summary>
internal sealed class AdapterRequestBody
{
    /// <summary>The base; the default model where absent.</summary>
    public string? Model { get; init; }

    /// <summary>The adapter.</summary>
    public string? Name { get; init; }

    /// <summary>vLLM's word for <see cref="Name"/>.</summary>
    public string? LoraName { get; init; }

    /// <summary>Where it is, relative to a model root; absent: in the adapters' directory.</summary>
    public string? Path { get; init; }

    /// <summary>vLLM's word for <see cref="Path"/>.</summary>
    public string? LoraPath { get; init; }

    /// <summary>Keep it whatever the budget.</summary>
    public bool? Pin { get; init; }

    /// <summary>Keep it (the default) or no longer.</summary>
    public bool? Pinned { get; init; }

    /// <summary>What the name is to mean.</summary>
    public string? Target { get; init; }

    /// <exception cref="InvalidRequestException">It is absent.</exception>
    public string RequiredName => Name ?? LoraName ?? throw new InvalidRequestException("name", "is required");
}
