namespace Inference.JobWorker.OpenAi;

/// <summary>A page of a list.</summary>
internal sealed record ListBody<T>(IReadOnlyList<T> Data, bool HasMore)
{
    public string Object => "list";
}
