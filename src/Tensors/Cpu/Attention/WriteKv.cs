namespace Inference.Tensors.Cpu.Attention;

/// <summary>Stores rows of keys and values in the cache: each head is rounded to the cache's format, then put into its run.</summary>
internal static unsafe class WriteKv
{
    public static void Run(CpuContext context, Tensor k, Tensor v, KvCache cache, int layer, int[] slots) =>
        context.Chunks(slots.Length, CpuContext.RowsPerTask(k.Columns), (first, last) =>
        {
            byte* keys = (byte*)cache.KeyMemory(layer).Data, values = (byte*)cache.ValueMemory(layer).Data;
            int d = cache.HeadDimension, scaleCount = cache.ScaleCount, size = cache.ElementBytes;
            byte* rounded = stackalloc byte[256 * sizeof(float)];
            float* scales = stackalloc float[256 / KvCache.ScaleLength];
            for (int t = first; t < last; t++)
            {
                int block = Math.DivRem(slots[t], cache.BlockLength, out int offset), lane = offset % KvCache.Lanes;
                for (int head = 0; head < cache.KvHeadCount; head++)
                {
                    nint run = cache.RunOffset(block, head, offset / KvCache.Lanes);
                    long column = ((long)t * k.Columns) + (head * d);
                    for (int i = 0; i < d; i += 256)
                    {
                        int count = Math.Min(256, d - i), scale = i / KvCache.ScaleLength;
                        KvRounding.Round(cache.Type, (float*)k.Data + column + i, count, rounded, scales);
                        Scatter(rounded, keys + run + (((i * KvCache.Lanes) + lane) * size), count, size);
                        byte* value = values + run + (((lane * d) + i) * size);
                        if (cache.Type != DType.Q8_0)
                        {
                            KvRounding.Round(cache.Type, (float*)v.Data + column + i, count, value, scales);
                            continue;
                        }

                        int groups = (count + KvCache.ScaleLength - 1) / KvCache.ScaleLength, elements = d * KvCache.Lanes;
                        Scatter((byte*)scales, keys + run + elements + (((scale * KvCache.Lanes) + lane) * sizeof(float)), groups, sizeof(float));
                        KvRounding.Round(cache.Type, (float*)v.Data + column + i, count, value, scales);
                        new Span<float>(scales, groups).CopyTo(
                            new Span<float>((float*)(values + run + elements) + (lane * scaleCount) + scale, groups));
                    }
                }
            }
        });

    /// <summary>Elements go to the places of one token in a run of keys.</summary>
    private static void Scatter(byte* source, byte* target, int count, int size)
    {
        switch (size)
        {
            case 4:
                for (int i = 0; i < count; i++)
                {
                    ((uint*)target)[i * KvCache.Lanes] = ((uint*)source)[i];
                }

                break;
            case 2:
                for (int i = 0; i < count; i++)
                {
                    ((ushort*)target)[i * KvCache.Lanes] = ((ushort*)source)[i];
                }

                break;
            default:
                for (int i = 0; i < count; i++)
                {
                    target[i * KvCache.Lanes] = source[i];
                }

                break;
        }
    }
}
