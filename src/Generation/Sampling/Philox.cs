namespace Inference.Generation.Sampling;

/// <summary>
/// Philox 4x32-10 (Salmon et al., "Parallel Random Numbers: As Easy as 1, 2, 3", SC11): a counter-based generator. The
/// number for (seed, stream, position) needs no state, so batching, chunking and preemption cannot change it.
/// </summary>
internal static class Philox
{
    /// <summary>A number in [0, 1) with 53 random bits.</summary>
    public static double Uniform(long seed, int stream, int position) => (Bits(seed, stream, position) >> 11) * (1.0 / (1L << 53));

    /// <summary>64 random bits.</summary>
    public static ulong Bits(long seed, int stream, int position)
    {
        (uint a, uint b, _, _) = Block((uint)position, (uint)stream, 0, 0, (uint)seed, (uint)(seed >> 32));
        return ((ulong)a << 32) | b;
    }

    /// <summary>The function of the paper: counter (c0, c1, c2, c3), key (k0, k1).</summary>
    public static (uint A, uint B, uint C, uint D) Block(uint c0, uint c1, uint c2, uint c3, uint k0, uint k1)
    {
        for (int round = 0; round < 10; round++)
        {
            ulong product0 = (ulong)c0 * 0xD2511F53;
            ulong product1 = (ulong)c2 * 0xCD9E8D57;
            (c0, c1, c2, c3) = ((uint)(product1 >> 32) ^ c1 ^ k0, (uint)product1, (uint)(product0 >> 32) ^ c3 ^ k1, (uint)product0);
            k0 += 0x9E3779B9;
            k1 += 0xBB67AE85;
        }

        return (c0, c1, c2, c3);
    }
}
