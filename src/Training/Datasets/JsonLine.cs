namespace Inference.Training.Datasets;

/// <summary>A line of a file.</summary>
/// <param name="Number">From 1.</param>
/// <param name="Text">Its bytes without the line's end, valid until the next line is read; empty where it is too long.</param>
/// <param name="Length">Its bytes.</param>
internal readonly record struct JsonLine(long Number, ReadOnlyMemory<byte> Text, long Length)
{
    /// <summary>Whether the line went past the limit and was not kept.</summary>
    public bool IsTooLong => Text.Length < Length;
}
