namespace Inference.Tensors.Cpu.Attention;

/// <summary>Stores rows of keys and values in the cache: each head is rounded to the cache's format, then put into its run.</summary>
internal static unsafe class WriteKv
{
    public static void Run(CpuContext context, Tensor k, Tensor v, HostKvCache cache, int layer, int[] slots) =>
        context.Chunks(slots.Length, CpuContext.RowsPerTask(k.Columns), (first, last) =>
        {
            byte* keys = (byte*)cache.KeyMemory(layer).Data, values = (byte*)cache.ValueMemory(layer).Data;
            int d = cache.HeadDimension, scaleCount = cache.ScaleCount, size = cache.ElementBytes;
            byte* rounded = stackalloc byte[256 * sizeof(float)];
            float* scales = stackalloc float[256 / HostKvCache.ScaleLength];
            for (int t = first; t < last; t++)
            {
                int block = Math.DivRem(slots[t], cache.BlockLength, out int offset), lane = offset % HostKvCache.Lanes;
                for (int head = 0; head < cache.KvHeadCount; head++)
                {
                    nint run = cache.RunOffset(block, head, offset / HostKvCache.Lanes);
                    long column = ((long)t * k.Columns) + (head * d);
                    for (int i = 0; i < d; i += 256)
                    {
                        int count = Math.Min(256, d - i), scale = i / HostKvCache.ScaleLength;
                        KvRounding.Round(cache.Type, (float*)k.Data + column + i, count, rounded, scales);
                        Scatter(rounded, keys + run + (((i * HostKvCache.Lanes) + lane) * size), count, size);
                        byte* value = values + run + (((lane * d) + i) * size);
                        if (cache.Type != DType.Q8_0)
                        {
                            KvRounding.Round(cache.Type, (float*)v.Data + column + i, count, value, scales);
                            continue;
                        }

                        int groups = (count + HostKvCache.ScaleLength - 1) / HostKvCache.ScaleLength, elements = d * HostKvCache.Lanes;
                        Scatter((byte*)scales, keys + run + elements + (((scale * HostKvCache.Lanes) + lane) * sizeof(float)), groups, sizeof(float));
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
                    ((uint*)target)[i * HostKvCache.Lanes] = ((uint*)source)[i];
                }

                break;
            case 2:
                for (int i = 0; i < count; i++)
                {
                    ((ushort*)target)[i * HostKvCache.Lanes] = ((ushort*)source)[i];
                }

                break;
            default:
                for (int i = 0; i < count; i++)
                {
                    target[i * HostKvCache.Lanes] = source[i];
                }

                break;
        }
    }
}
