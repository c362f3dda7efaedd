namespace Inference.InferenceHost.OpenAi;

/// <summary>A model as /v1/models shows it; an adapter is one too, whose parent is its base.</summary>
internal sealed record ModelBody(string Id, long Created, string? Parent = null)
{
    public string Object { get; } = "model";

    public string OwnedBy { get; } = "inference";
}

/// <summary>Answer of GET /v1/models.</summary>
internal sealed record ModelListBody(IReadOnlyList<ModelBody> Data)
{
    public string Object { get; } = "list";
}
