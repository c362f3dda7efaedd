using Inference.Tensors.Cpu;

namespace Inference.Tensors.Tests;

public class AttentionTests
{
    public static TheoryData<Isa, int> All() => Backends.All();

    [Theory]
    [MemberData(nameof(All))]
    public void Causal_attention_and_its_gradients_agree_with_the_reference(Isa isa, int threads)
    {
        foreach ((int heads, int kvHeads, int d) in new[] { (1, 1, 1), (2, 1, 8), (4, 2, 32), (3, 3, 17), (2, 2, 100) })
        {
            foreach (int[] starts in new[] { [0, 1], [0, 3, 3, 20], new[] { 0, 70, 103 } })
            {
                Backends.Agree(isa, threads, backend => Attend(backend, heads, kvHeads, d, starts));
            }
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Causal_attention_of_a_sequence_has_the_same_bits_whatever_is_packed_beside_it(Isa isa, int threads)
    {
        using CpuBackend backend = new(threads, isa);
        Tensor[] both = Attend(backend, 4, 2, 16, [0, 33, 60]);
        Tensor q = Samples.Normal(1, 60, 64), k = Samples.Normal(2, 60, 32), v = Samples.Normal(3, 60, 32);
        Tensor y = Samples.Poisoned(27, 64), sums = Samples.Poisoned(27, 4);
        backend.CausalAttention(q.Slice(33, 27), k.Slice(33, 27), v.Slice(33, 27), [0, 27], 16, 0.3f, y, sums);
        Backends.SameBits(both[0].Slice(33, 27).Span, y.Span);
        Backends.SameBits(both[1].Slice(33, 27).Span, sums.Span);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Full_attention_and_its_gradients_agree_with_the_reference(Isa isa, int threads)
    {
        foreach ((int heads, int kvHeads, int d) in new[] { (1, 1, 1), (4, 2, 32), (3, 3, 17), (2, 2, 100) })
        {
            Backends.Agree(isa, threads, backend => AttendFully(backend, heads, kvHeads, d, [0, 1], [0, 7]));
            Backends.Agree(isa, threads, backend => AttendFully(backend, heads, kvHeads, d, [0, 3, 3, 70], [0, 1, 5, 25]));
            Backends.Agree(isa, threads, backend => AttendFully(backend, heads, kvHeads, d, [0, 70, 103], [0, 100, 220]));
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public void A_row_of_full_attention_alone_has_the_bits_that_it_has_among_others(Isa isa, int threads)
    {
        using CpuBackend backend = new(threads, isa);
        Tensor[] both = AttendFully(backend, 4, 2, 16, [0, 33, 60], [0, 20, 55]);
        Tensor q = Samples.Normal(1, 60, 64), k = Samples.Normal(2, 55, 32), v = Samples.Normal(3, 55, 32);
        Tensor y = Samples.Poisoned(1, 64), sums = Samples.Poisoned(1, 4);
        for (int row = 33; row < 60; row++)
        {
            backend.FullAttention(q.Slice(row, 1), k.Slice(20, 35), v.Slice(20, 35), [0, 1], [0, 35], 16, 0.3f, y, sums);
            Backends.SameBits(both[0].Row(row), y.Span);
            Backends.SameBits(both[1].Row(row), sums.Span);
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Paged_attention_agrees_with_the_reference_in_each_cache_format(Isa isa, int threads)
    {
        foreach (DType type in new[] { DType.F32, DType.F16, DType.BF16, DType.Q8_0 })
        {
            foreach ((int heads, int kvHeads, int d) in new[] { (1, 1, 1), (4, 1, 8), (6, 2, 32), (3, 3, 17), (14, 2, 64), (2, 2, 100) })
            {
                foreach (int blockLength in new[] { 1, 5, 16 })
                {
                    Backends.Agree(isa, threads, backend => [Page(backend, type, heads, kvHeads, d, blockLength)]);
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Windows_and_soft_caps_agree_with_the_reference(Isa isa, int threads)
    {
        foreach (AttentionOptions options in new AttentionOptions[] { new(0.3f, 1), new(0.3f, 7), new(0.3f, 30), new(0.3f, 0, 2), new(0.3f, 12, 0.5f) })
        {
            foreach ((int heads, int kvHeads, int d) in new[] { (4, 1, 8), (3, 3, 17), (14, 2, 64) })
            {
                Backends.Agree(isa, threads, backend => [Page(backend, DType.F32, heads, kvHeads, d, 5, options)]);
            }
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public void A_row_alone_has_the_bits_that_it_has_in_a_chunk_and_with_other_blocks(Isa isa, int threads)
    {
        using CpuBackend backend = new(threads, isa);
        using CpuBackend single = new(1, isa);
        foreach (DType type in new[] { DType.F32, DType.F16, DType.BF16, DType.Q8_0 })
        {
            foreach (int d in new[] { 8, 32, 100 })
            {
                Tensor q = Samples.Normal(1, 37, 4 * d), k = Samples.Normal(2, 37, 2 * d), v = Samples.Normal(3, 37, 2 * d);
                using HostKvCache cache = new(1, 40, 1, 2, d, type), other = new(1, 5, 16, 2, d, type);
                int[] blocks = [.. Enumerable.Range(2, 38).Reverse()], otherBlocks = [4, 0, 2];
                backend.WriteKv(k, v, cache, 0, blocks.AsSpan(0, 37));
                backend.WriteKv(k, v, other, 0, [.. Enumerable.Range(0, 37).Select(p => (otherBlocks[p / 16] * 16) + (p % 16))]);
                Tensor batch = Samples.Poisoned(37, 4 * d), alone = Samples.Poisoned(1, 4 * d);
                foreach (AttentionOptions options in new AttentionOptions[] { new(0.2f), new(0.2f, 9, 3) })
                {
                    backend.PagedAttention(q, cache, 0, [new(0, 37, 0, blocks)], options, batch);
                    for (int row = 0; row < 37; row++)
                    {
                        single.PagedAttention(q.Slice(row, 1), other, 0, [new(0, 1, row, otherBlocks)], options, alone);
                        Backends.SameBits(alone.Span, batch.Row(row));
                    }
                }
            }
        }
    }

    [Fact]
    public void A_cache_of_halves_keeps_numbers_rounded_to_nearest()
    {
        using CpuBackend backend = new(1);
        using HostKvCache cache = new(1, 1, 2, 1, 4, DType.F16);
        Tensor k = Tensor.From(1, 4, [1.0004883f, -2, 1e-7f, 65504]);
        backend.WriteKv(k, k, cache, 0, [1]);
        Assert.Equal([1f, -2, (float)(Half)1e-7f, 65504], cache.ReadKey(0, 1));
        Assert.Equal([0f, 0, 0, 0], cache.ReadValue(0, 0));
    }

    [Theory]
    [MemberData(nameof(All))]
    public void The_cache_holds_the_same_numbers_as_the_reference_in_each_format(Isa isa, int threads)
    {
        foreach (DType type in new[] { DType.F32, DType.F16, DType.BF16, DType.Q8_0 })
        {
            Backends.Agree(
                isa, threads, backend =>
                {
                    using HostKvCache cache = new(1, 3, 4, 1, 37, type);
                    backend.WriteKv(Samples.Normal(1, 3, 37), Samples.Normal(2, 3, 37), cache, 0, [7, 0, 4]);
                    return [Tensor.From(1, 12 * 37, [.. Enumerable.Range(0, 12).SelectMany(slot => cache.ReadKey(0, slot))]),
                        Tensor.From(1, 12 * 37, [.. Enumerable.Range(0, 12).SelectMany(slot => cache.ReadValue(0, slot))])];
                }, tolerance: 0);
        }
    }

    private static Tensor[] Attend(IBackend backend, int heads, int kvHeads, int d, int[] starts)
    {
        int rows = starts[^1];
        Tensor q = Samples.Normal(1, rows, heads * d), k = Samples.Normal(2, rows, kvHeads * d), v = Samples.Normal(3, rows, kvHeads * d);
        Tensor y = Samples.Poisoned(rows, heads * d), sums = Samples.Poisoned(rows, heads);
        Tensor dq = Samples.Normal(4, rows, heads * d), dk = Samples.Normal(5, rows, kvHeads * d), dv = Samples.Normal(6, rows, kvHeads * d);
        backend.CausalAttention(q, k, v, starts, d, 0.3f, y, sums);
        backend.CausalAttentionBackward(q, k, v, y, sums, Samples.Normal(7, rows, heads * d), starts, d, 0.3f, dq, dk, dv);
        return [y, sums, dq, dk, dv];
    }

    private static Tensor[] AttendFully(IBackend backend, int heads, int kvHeads, int d, int[] queryStarts, int[] keyStarts)
    {
        int rows = queryStarts[^1], keys = keyStarts[^1];
        Tensor q = Samples.Normal(1, rows, heads * d), k = Samples.Normal(2, keys, kvHeads * d), v = Samples.Normal(3, keys, kvHeads * d);
        Tensor y = Samples.Poisoned(rows, heads * d), sums = Samples.Poisoned(rows, heads);
        Tensor dq = Samples.Normal(4, rows, heads * d), dk = Samples.Normal(5, keys, kvHeads * d), dv = Samples.Normal(6, keys, kvHeads * d);
        backend.FullAttention(q, k, v, queryStarts, keyStarts, d, 0.3f, y, sums);
        backend.FullAttentionBackward(
            q, k, v, y, sums, Samples.Normal(7, rows, heads * d), queryStarts, keyStarts, d, 0.3f, dq, dk, dv);
        return [y, sums, dq, dk, dv];
    }

    /// <summary>Two sequences, one in prefill after 9 cached tokens and one in decode, with their blocks interleaved.</summary>
    private static Tensor Page(IBackend backend, DType type, int heads, int kvHeads, int d, int blockLength, AttentionOptions? options = null)
    {
        const int First = 30, Second = 21;
        using HostKvCache cache = new(2, 2 * First, blockLength, kvHeads, d, type);
        int[] firstBlocks = [.. Enumerable.Range(0, First).Select(i => 2 * i)], secondBlocks = [.. Enumerable.Range(0, First).Select(i => (2 * i) + 1)];
        int[] slots =
        [
            .. Enumerable.Range(0, First).Select(p => (firstBlocks[p / blockLength] * blockLength) + (p % blockLength)),
            .. Enumerable.Range(0, Second).Select(p => (secondBlocks[p / blockLength] * blockLength) + (p % blockLength)),
        ];
        backend.WriteKv(Samples.Normal(1, First + Second, kvHeads * d), Samples.Normal(2, First + Second, kvHeads * d), cache, 1, slots);
        Tensor y = Samples.Poisoned(22, heads * d);
        AttentionSlice[] slices = [new(0, 21, 9, firstBlocks), new(21, 1, 20, secondBlocks)];
        backend.PagedAttention(Samples.Normal(3, 22, heads * d), cache, 1, slices, options ?? new(0.3f), y);
        return y;
    }
}
