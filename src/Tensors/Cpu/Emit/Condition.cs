namespace Inference.Tensors.Cpu.Emit;

/// <summary>Conditions of jumps, in their encoding.</summary>
internal enum Condition : byte
{
    /// <summary>The last result was zero; the last comparison was equal.</summary>
    Zero = 4,

    /// <summary>The last result was not zero; the last comparison was unequal.</summary>
    NotZero = 5,

    /// <summary>Less, signed.</summary>
    Less = 12,

    /// <summary>Greater or equal, signed.</summary>
    GreaterOrEqual = 13,

    /// <summary>Greater, signed.</summary>
    Greater = 15,
}
