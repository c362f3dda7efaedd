namespace Inference.JobWorker.OpenAi;

/// <summary>A file is deleted.</summary>
internal sealed record DeletedFileBody(string Id)
{
    public string Object => "file";

    public bool Deleted => true;
}
