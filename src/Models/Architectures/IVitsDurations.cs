using Inference.Tensors;

namespace Inference.Models.Architectures;

/// <summary>How long symbols are.</summary>
internal interface IVitsDurations : IDisposable
{
    /// <summary>The logarithm of each symbol's frames.</summary>
    /// <param name="hidden">The text encoder's states [T, width].</param>
    /// <param name="speaker">A voice's embedding [1, d], or null.</param>
    /// <param name="noise">Two numbers for each symbol; the plain predictor takes none.</param>
    float[] Predict(Tensor hidden, Tensor? speaker, Func<float> noise);
}
