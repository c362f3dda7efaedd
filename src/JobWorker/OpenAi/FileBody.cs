using Inference.JobWorker.Datasets;

namespace Inference.JobWorker.OpenAi;

/// <summary>A file in OpenAI's shape.</summary>
internal sealed record FileBody(string Id, long Bytes, long CreatedAt, string Filename, string Purpose)
{
    public string Object => "file";

    public string Status => "processed";

    public static FileBody Of(DatasetFile file) =>
        new(file.Id, file.Bytes, file.CreatedAt.ToUnixTimeSeconds(), file.Filename, file.Purpose);
}
