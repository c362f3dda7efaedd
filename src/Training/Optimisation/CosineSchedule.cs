namespace Inference.Training.Optimisation;

/// <summary>Linear warm-up to the peak, then half a cosine down to the final rate (Loshchilov and Hutter, SGDR, 2017).</summary>
/// <param name="Peak">Highest learning rate.</param>
/// <param name="Final">Learning rate of the last step.</param>
/// <param name="WarmupSteps">Steps to the peak.</param>
/// <param name="TotalSteps">Steps of the run.</param>
public sealed record CosineSchedule(float Peak, float Final, int WarmupSteps, int TotalSteps)
{
    /// <summary>Learning rate of step <paramref name="step"/>, counted from 1; the final rate after the last.</summary>
    public float At(int step)
    {
        if (step <= WarmupSteps)
        {
            return Peak * step / WarmupSteps;
        }

        double progress = Math.Min(1, (step - WarmupSteps) / (double)Math.Max(1, TotalSteps - WarmupSteps));
        return (float)(Final + ((Peak - Final) * 0.5 * (1 + Math.Cos(Math.PI * progress))));
    }
}
