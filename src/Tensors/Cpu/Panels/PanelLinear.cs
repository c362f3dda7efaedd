namespace Inference.Tensors.Cpu.Panels;

/// <summary>
/// y = x wᵀ + bias over panels, of one product or several at once. Each x is encoded once; the workers then claim panels, a few
/// at a time, and multiply each with all rows of its x (a block of them where there are many). No sum is split, so rows have the
/// same bits in any batch.
/// </summary>
internal static unsafe class PanelLinear
{
    /// <summary>Bytes of panels times rows in a task: some 10 microseconds. Shorter ones break the streams of memory (64 KB: a tenth slower).</summary>
    private const long TaskWork = 256 * 1024;

    /// <summary>Bytes of encoded activations that one panel after another is multiplied with: a share of the last-level cache.</summary>
    private const long BlockBytes = 4 << 20;

    /// <summary>Elements of x above which it is encoded by all workers.</summary>
    private const long EncodeTogether = 64 * 1024;

    /// <summary>Makes the products, and the changes that some rows of them get.</summary>
    public static void Run(CpuContext context, ReadOnlySpan<LinearProduct> products, LowRankJob? changes = null)
    {
        List<Product> parts = [];
        Encode(context, Parts(products, context.Pool.Threads, parts));
        int tasks = 0;
        long packing = 0;
        foreach (Product part in parts)
        {
            part.Panels.Begin(part.X.X.Rows);
            packing = Math.Max(packing, part.Panels.IsPacked ? 0 : part.Panels.ScratchBytes);
            tasks += part.PanelTasks;
        }

        // Only one task may pack a panel, so rows are split only where all panels are packed.
        int items = 0;
        foreach (Product part in parts)
        {
            long few = (4 * context.Pool.Threads) + tasks - 1, large = (part.X.Bytes / BlockBytes) + 1;
            part.Blocks = part.Panels.IsPacked ? (int)Math.Min(part.X.Groups, Math.Max(few / tasks, large)) : 1;
            part.FirstItem = items;
            items += part.PanelTasks * part.Blocks;
        }

        void Run(int item, int worker)
        {
            Product part = Find(parts, item);
            int task = (item - part.FirstItem) % part.PanelTasks, block = (item - part.FirstItem) / part.PanelTasks;
            float* edge = context.Scratch[worker].Floats((part.X.Format.GroupRows * PanelFormat.Rows) + ((packing + sizeof(float) - 1) / sizeof(float)));
            int first = EncodedRows.Part(part.X.Groups, part.Blocks, block), last = EncodedRows.Part(part.X.Groups, part.Blocks, block + 1);
            Multiply(part, task, context.Pool.Threads, first, last, edge, changes?.Fetched(worker));
        }

        if (changes is null)
        {
            context.Pool.For(items, Run);
        }
        else
        {
            context.Pool.For(items + changes.Items, (item, worker) => changes.Run(item, worker, items, Run));
        }

        GC.KeepAlive(parts);
    }

    /// <summary>The products with panels, and the encoded activations that they need: one for a tensor and a format.</summary>
    private static List<EncodedRows> Parts(ReadOnlySpan<LinearProduct> products, int threads, List<Product> parts)
    {
        List<EncodedRows> encodings = [];
        long bytes = 0;
        foreach (LinearProduct product in products)
        {
            PanelMatrix?[] panels = ((PanelWeight)product.W).Panels;
            for (int i = 0; i < panels.Length && product.X.Rows > 0; i++)
            {
                if (panels[i] is not { } matrix)
                {
                    continue;
                }

                Tensor x = product.X;
                EncodedRows? encoding = encodings.FindLast(e => e.X == x && e.Format == matrix.Format.Activations);
                if (encoding is null)
                {
                    encoding = new EncodedRows(matrix.Format.Activations, x, bytes);
                    bytes += encoding.Bytes;
                    encodings.Add(encoding);
                }

                parts.Add(new Product(matrix, product.Bias.Length == 0 ? null : product.Bias[i], product.Y[i], PanelsPerTask(matrix, x.Rows, threads), encoding));
            }
        }

        return encodings;
    }

    /// <summary>The part that an item belongs to: the last that begins at or before it.</summary>
    private static Product Find(List<Product> parts, int item)
    {
        int low = 0, high = parts.Count - 1;
        while (low < high)
        {
            int middle = (low + high + 1) / 2;
            (low, high) = parts[middle].FirstItem <= item ? (middle, high) : (low, middle - 1);
        }

        return parts[low];
    }

    private static int PanelsPerTask(PanelMatrix panels, int rows, int threads)
    {
        long wanted = TaskWork / Math.Max(1, panels.PanelBytes * rows), most = panels.Count / (4 * threads);
        return (int)Math.Max(1, Math.Min(wanted, most));
    }

    private static void Multiply(Product product, int task, int threads, int firstGroup, int lastGroup, float* edge, LowRankFetch? fetch)
    {
        PanelMatrix panels = product.Panels;
        EncodedRows x = product.X;
        int outputs = panels.Rows, firstRow = x.FirstRow(firstGroup), rows = x.FirstRow(lastGroup) - firstRow;
        int first = task * product.PanelsPerTask, last = Math.Min(panels.Count, first + product.PanelsPerTask);
        for (int index = first; index < last; index++)
        {
            byte* scratch = (byte*)(edge + (x.Format.GroupRows * PanelFormat.Rows)), panel = panels.Panel(index, scratch);
            byte* ahead = panels.Ahead(index + 1 < last ? index + 1 : first + (threads * product.PanelsPerTask));
            NextPanel next = new(ahead is null ? panel : ahead, panel == scratch);
            int column = index * PanelFormat.Rows, width = Math.Min(PanelFormat.Rows, outputs - column);
            float* y = (float*)product.Y.Data + ((long)firstRow * outputs) + column;
            if (width == PanelFormat.Rows && fetch is not null)
            {
                panels.Format.Multiply(panel, next, x, firstGroup, lastGroup, y, outputs, fetch);
            }
            else if (width == PanelFormat.Rows)
            {
                panels.Format.Multiply(panel, next, x, firstGroup, lastGroup, y, outputs);
            }
            else
            {
                MultiplyEdge(panels.Format, panel, next, x, firstGroup, lastGroup, edge, width, y, outputs);
            }

            if (product.Bias is not null)
            {
                AddBias((float*)product.Bias.Data + column, width, rows, y, outputs);
            }
        }

        GC.KeepAlive(product);
    }

    /// <summary>The last panel, of which only <paramref name="width"/> rows belong to the weight.</summary>
    private static void MultiplyEdge(
        PanelFormat format, byte* panel, NextPanel next, EncodedRows x, int firstGroup, int lastGroup, float* edge, int width, float* y, nint ldy)
    {
        for (int group = firstGroup; group < lastGroup; group++)
        {
            format.Multiply(panel, next, x, group, group + 1, edge, PanelFormat.Rows);
            for (int r = 0; r < x.FirstRow(group + 1) - x.FirstRow(group); r++)
            {
                new ReadOnlySpan<float>(edge + (r * PanelFormat.Rows), width).CopyTo(new Span<float>(y, width));
                y += ldy;
            }
        }
    }

    private static void AddBias(float* bias, int width, int rows, float* y, nint ldy)
    {
        for (int r = 0; r < rows; r++)
        {
            for (int j = 0; j < width; j++)
            {
                y[j] += bias[j];
            }

            y += ldy;
        }
    }

    private static void Encode(CpuContext context, List<EncodedRows> encodings)
    {
        byte* target = (byte*)context.Shared.Floats((encodings.Sum(e => e.Bytes) + 3) / 4);
        List<(EncodedRows Encoding, int Group)> groups = [];
        foreach (EncodedRows encoding in encodings)
        {
            encoding.Target = target;
            for (int group = 0; group < encoding.Groups; group++)
            {
                groups.Add((encoding, group));
            }
        }

        if (encodings.Sum(e => (long)e.X.Rows * e.Columns) >= EncodeTogether)
        {
            context.Pool.For(groups.Count, (i, _) => groups[i].Encoding.Encode(groups[i].Group));
            return;
        }

        foreach ((EncodedRows encoding, int group) in groups)
        {
            encoding.Encode(group);
        }
    }

    private sealed record Product(PanelMatrix Panels, Tensor? Bias, Tensor Y, int PanelsPerTask, EncodedRows X)
    {
        /// <summary>Tasks of some panels each.</summary>
        public int PanelTasks => (Panels.Count + PanelsPerTask - 1) / PanelsPerTask;

        /// <summary>Parts of the rows of x; each panel task is made once for each.</summary>
        public int Blocks { get; set; }

        /// <summary>Number of its first item among those of all products.</summary>
        public int FirstItem { get; set; }
    }
}
