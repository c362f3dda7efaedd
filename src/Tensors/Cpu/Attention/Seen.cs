namespace Inference.Tensors.Cpu.Attention;

/// <summary>What a query saw: its largest score, and the sum of the exponentials relative to it; a sum of 0 for nothing.</summary>
internal readonly record struct Seen(float Largest, float Sum);
