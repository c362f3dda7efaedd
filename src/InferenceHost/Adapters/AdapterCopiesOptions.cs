using System.ComponentModel.DataAnnotations;

namespace Inference.InferenceHost.Adapters;

/// <summary>How much of the disk copies of a bucket's adapters take. Section "Adapters".</summary>
public sealed class AdapterCopiesOptions
{
    /// <summary>
    /// Bytes of copies: beyond it those leave that no name means any more (<see cref="AdapterCopies"/>). 0 and more, default 16 GiB. Where
    /// Adapters:Directory is set, nothing is removed.
    /// </summary>
    [Range(0, long.MaxValue)]
    public long CopiesBytes { get; set; } = 16L << 30;
}
