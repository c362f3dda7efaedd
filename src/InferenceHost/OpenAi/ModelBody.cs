namespace Inference.InferenceHost.OpenAi;

/// <summary>A model as /v1/models shows it.</summary>
internal sealed record ModelBody(string Id, long Created)
{
    public string Object { get; } = "model";

    public string OwnedBy { get; } = "inference";
}

/// <summary>Answer of GET /v1/models.</summary>
internal sealed record ModelListBody(IReadOnlyList<ModelBody> Data)
{
    public string Object { get; } = "list";
}
