namespace Inference.Models.Weights;

/// <summary>A model file is damaged, incomplete, or of a kind that is not supported. The message names the file and the reason.</summary>
/// <param name="file">The file or directory.</param>
/// <param name="problem">What is wrong: the tensor or key, what was expected, what was found.</param>
/// <param name="inner">The cause, or null.</param>
public sealed class ModelFormatException(string file, string problem, Exception? inner = null) : Exception($"{file}: {problem}", inner)
{
    /// <summary>The file or directory.</summary>
    public string File { get; } = file;
}
