using System.ComponentModel.DataAnnotations;

namespace Inference.JobWorker.Datasets;

/// <summary>Which data sets are taken. Section "Datasets".</summary>
public sealed class DatasetStorageOptions
{
    /// <summary>Name of the configuration section.</summary>
    public const string Section = "Datasets";

    /// <summary>Largest file in bytes. 1 KiB to 1 TiB, default 512 MiB.</summary>
    [Range(1L << 10, 1L << 40)]
    public long MaxBytes { get; set; } = 512L << 20;

    /// <summary>Least examples of a file. 1 to 1,000,000, default 1.</summary>
    [Range(1, 1_000_000)]
    public int MinExamples { get; set; } = 1;

    /// <summary>Directories from which files may be taken by path, without an upload; none (default): uploads only.</summary>
    public string[] Roots { get; set; } = [];
}
