namespace Inference.Training.Data;

/// <summary>Two answers to one prompt: both examples begin with the same tokens, of weight 0.</summary>
/// <param name="Chosen">The prompt with the better answer.</param>
/// <param name="Rejected">The prompt with the worse answer.</param>
public sealed record PreferenceExample(TrainingExample Chosen, TrainingExample Rejected);
