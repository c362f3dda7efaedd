namespace Inference.Tensors.Cpu;

/// <summary>The numbers of one step; Correction is 1 - beta^step.</summary>
internal readonly record struct AdamWStep(
    float GradientScale, float LearningRate, float Beta1, float Beta2, float Epsilon, float WeightDecay, float Correction1, float Correction2);
