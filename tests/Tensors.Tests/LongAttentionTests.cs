using Inference.Tensors.Cpu;

namespace Inference.Tensors.Tests;

/// <summary>Attention over contexts that cross pages and the blocks of 256 positions that the softmax is computed by.</summary>
public class LongAttentionTests
{
    private static readonly DType[] Types = [DType.F32, DType.F16, DType.BF16, DType.Q8_0];

    public static TheoryData<Isa, int> All() => Backends.All();

    [Theory]
    [MemberData(nameof(All))]
    public void Odd_heads_and_groups_agree_with_the_reference_across_blocks(Isa isa, int threads)
    {
        int type = 0;
        foreach ((int group, int d) in new[] { (1, 40), (2, 64), (3, 80), (4, 96), (5, 128), (6, 33), (7, 64), (8, 20), (12, 16), (1, 256) })
        {
            DType format = Types[type++ % Types.Length];
            if (threads == 1)
            {
                Backends.Agree(isa, threads, backend => [Mixed(backend, format, 1, group, d, 16, new(0.2f))]);
            }
            else
            {
                Backends.Agree(isa, threads, backend => [Mixed(backend, format, 2, group, d, 48, new(0.2f, 270, 4))]);
            }
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public void A_row_has_the_same_bits_alone_in_chunks_of_any_length_and_with_any_block_length(Isa isa, int threads)
    {
        const int Length = 530, Group = 3;
        using CpuBackend backend = new(threads, isa);
        using CpuBackend single = new(1, isa);
        int[] rows = [0, 1, 255, 256, 257, 400, 511, 512, 529];
        foreach (DType type in Types)
        {
            foreach (AttentionOptions options in new AttentionOptions[] { new(0.2f), new(0.2f, 300, 5), new(0.2f, 20) })
            {
                const int D = 40;
                Tensor q = Samples.Normal(1, Length, Group * D), whole = Samples.Poisoned(Length, Group * D);
                using HostKvCache cache = new(1, 40, 16, 1, D, type), odd = new(1, 60, 10, 1, D, type);
                int[] blocks = Fill(backend, cache, Length), oddBlocks = Fill(backend, odd, Length);
                backend.PagedAttention(q, cache, 0, [new(0, Length, 0, blocks)], options, whole);
                Tensor chunks = Samples.Poisoned(Length, Group * D);
                for (int first = 0, count = 1; first < Length; first += count, count = Math.Min(count * 3, Length - first))
                {
                    single.PagedAttention(q, odd, 0, [new(first, count, first, oddBlocks)], options, chunks);
                }

                Backends.SameBits(whole.Span, chunks.Span);
                Tensor alone = Samples.Poisoned(1, Group * D);
                foreach (int row in rows)
                {
                    backend.PagedAttention(q.Slice(row, 1), cache, 0, [new(0, 1, row, blocks)], options, alone);
                    Backends.SameBits(whole.Row(row), alone.Span);
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Rounding_is_the_reference_s_for_tiny_huge_and_odd_numbers(Isa isa, int threads)
    {
        float[] numbers = [0, -0f, 1e-8f, 5.96e-8f, 2.98e-8f, 6.1e-5f, 6.09e-5f, 1.00048828125f, 1.0014648f, 65504, 65519, 65520, 1e9f, -1e9f, 1e-30f, 3.3e38f, -7, 127, 0.5f];
        foreach (DType type in Types)
        {
            using CpuBackend backend = new(threads, isa);
            using HostKvCache cache = new(1, 1, 16, 1, numbers.Length, type), expected = new(1, 1, 16, 1, numbers.Length, type);
            Tensor row = Tensor.From(1, numbers.Length, numbers);
            backend.WriteKv(row, row, cache, 0, [5]);
            expected.Write(0, 5, numbers, numbers);
            Backends.SameBits(expected.ReadKey(0, 5), cache.ReadKey(0, 5));
            Backends.SameBits(expected.ReadValue(0, 5), cache.ReadValue(0, 5));
        }
    }

    [Fact]
    public void Formats_that_a_cache_cannot_have_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new HostKvCache(1, 1, 16, 1, 32, DType.Q4_0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new HostKvCache(1, 1, 0, 1, 32));
        Assert.Equal(2 * 3 * 2 * 2 * 32 * 16 * 2, HostKvCache.BlockBytes(3, 20, 2, 32, DType.F16));
    }

    /// <summary>A chunk of prefill across 256, one across 512, and two rows in decode, with NaN in every slot that is not theirs.</summary>
    private static Tensor Mixed(IBackend backend, DType type, int kvHeads, int group, int d, int blockLength, AttentionOptions options)
    {
        int[] lengths = [262, 515, 300, 17], rows = [8, 5, 1, 1];
        using HostKvCache cache = new(2, (1300 / blockLength) + 8, blockLength, kvHeads, d, type);
        float[] poison = [.. Enumerable.Repeat(float.NaN, kvHeads * d)];
        for (int slot = 0; slot < cache.BlockCount * blockLength; slot++)
        {
            cache.Write(1, slot, poison, poison);
        }

        int next = cache.BlockCount - 1, row = 0;
        AttentionSlice[] slices = new AttentionSlice[lengths.Length];
        for (int s = 0; s < lengths.Length; s++)
        {
            int[] blocks = [.. Enumerable.Range(0, (lengths[s] + blockLength - 1) / blockLength).Select(_ => next--)];
            Tensor k = Samples.Normal(10 + s, lengths[s], kvHeads * d), v = Samples.Normal(20 + s, lengths[s], kvHeads * d);
            backend.WriteKv(k, v, cache, 1, [.. Enumerable.Range(0, lengths[s]).Select(p => (blocks[p / blockLength] * blockLength) + (p % blockLength))]);
            slices[s] = new(row, rows[s], lengths[s] - rows[s], blocks);
            row += rows[s];
        }

        Tensor y = Samples.Poisoned(row, kvHeads * group * d);
        backend.PagedAttention(Samples.Normal(3, row, kvHeads * group * d), cache, 1, slices, options, y);
        return y;
    }

    private static int[] Fill(CpuBackend backend, HostKvCache cache, int length)
    {
        int[] blocks = [.. Enumerable.Range(0, cache.BlockCount).Reverse()];
        int width = cache.KvHeadCount * cache.HeadDimension;
        backend.WriteKv(
            Samples.Normal(2, length, width), Samples.Normal(3, length, width), cache, 0,
            [.. Enumerable.Range(0, length).Select(p => (blocks[p / cache.BlockLength] * cache.BlockLength) + (p % cache.BlockLength))]);
        return blocks;
    }
}
