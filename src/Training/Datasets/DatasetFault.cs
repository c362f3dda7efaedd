namespace Inference.Training.Datasets;

/// <summary>Something that is wrong, or that is probably not meant, in a file.</summary>
/// <param name="Line">From 1; 0 where it is about the whole file.</param>
/// <param name="Field">As "messages[2].role"; empty where it is about the whole line.</param>
/// <param name="Reason">The limit and the value.</param>
public readonly record struct DatasetFault(long Line, string Field, string Reason)
{
    /// <summary>In one sentence.</summary>
    public override string ToString() =>
        (Line > 0 ? $"line {Line}: " : "") + (Field.Length > 0 ? $"{Field} " : "") + Reason;
}
