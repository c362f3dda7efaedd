namespace Inference.Tensors.Cpu.Attention;

/// <summary>Reads vectors of floats out of a run of the KV cache.</summary>
internal unsafe interface IKvFormat<V>
    where V : struct
{
    /// <summary>Bytes of an element.</summary>
    static abstract int ElementBytes { get; }

    /// <summary>What is stored is this many times what <see cref="Load"/> gives; queries and probabilities carry the factor.</summary>
    static abstract float Unit { get; }

    /// <summary>Whether scales follow the elements of a run; what is loaded is then to be multiplied by them.</summary>
    static abstract bool HasScales { get; }

    /// <summary>As many elements as a vector holds.</summary>
    static abstract V Load(byte* source);
}
