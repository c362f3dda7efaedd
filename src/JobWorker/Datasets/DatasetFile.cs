namespace Inference.JobWorker.Datasets;

/// <summary>A tenant's file. Files of equal content share it.</summary>
/// <param name="Id">"file-…"; later files have later ids.</param>
/// <param name="Filename">For people.</param>
/// <param name="Purpose">What it was uploaded for.</param>
/// <param name="Bytes">Its size.</param>
/// <param name="Sha256">Of its content, in lower-case hexadecimal.</param>
/// <param name="CreatedAt">When it was uploaded.</param>
public sealed record DatasetFile(string Id, string Filename, string Purpose, long Bytes, string Sha256, DateTimeOffset CreatedAt)
{
    /// <summary>The one purpose that jobs have.</summary>
    public const string FineTunePurpose = "fine-tune";
}
