namespace Inference.Tensors.Cpu.Panels;

/// <summary>
/// y = x wᵀ + bias over panels. x is encoded once; the workers then claim panels, a few at a time, and multiply each with
/// all rows of x (a block of them where there are many). No sum is split, so rows have the same bits in any batch.
/// </summary>
internal static unsafe class PanelLinear
{
    /// <summary>Bytes of panels times rows in a task: some 10 microseconds. Shorter ones break the streams of memory (64 KB: a tenth slower).</summary>
    private const long TaskWork = 256 * 1024;

    /// <summary>Bytes of encoded activations that one panel after another is multiplied with: a share of the last-level cache.</summary>
    private const long BlockBytes = 4 << 20;

    /// <summary>Elements of x above which it is encoded by all workers.</summary>
    private const long EncodeTogether = 64 * 1024;

    public static void Run(CpuContext context, Tensor x, PanelWeight w, Tensor?[] bias, Tensor[] y)
    {
        if (x.Rows == 0)
        {
            return;
        }

        List<Encoded> encodings = Encode(context, x, w);
        foreach (Encoded encoding in encodings)
        {
            List<Product> products = [];
            int tasks = 0;
            bool isPacked = true;
            long packing = 0;
            for (int i = 0; i < y.Length; i++)
            {
                if (w.Panels[i] is { } panels && panels.Format.Activations == encoding.Format)
                {
                    panels.Begin(x.Rows);
                    isPacked &= panels.IsPacked;
                    packing = Math.Max(packing, panels.IsPacked ? 0 : panels.PanelBytes);
                    Product product = new(panels, bias.Length == 0 ? null : bias[i], y[i], PanelsPerTask(panels, x.Rows, context.Pool.Threads), tasks);
                    tasks += product.Tasks;
                    products.Add(product);
                }
            }

            // Only one task may pack a panel, so rows are split only when all panels are packed.
            long few = (4 * context.Pool.Threads) + tasks - 1, large = (encoding.Bytes / BlockBytes) + 1;
            int blocks = isPacked && tasks > 0 ? (int)Math.Min(encoding.Groups, Math.Max(few / tasks, large)) : 1;
            context.Pool.For(tasks * blocks, (item, worker) =>
            {
                int task = item % tasks, block = item / tasks;
                Product product = products[0];
                for (int i = 1; i < products.Count && products[i].FirstTask <= task; i++)
                {
                    product = products[i];
                }

                float* edge = context.Scratch[worker].Floats((encoding.Format.GroupRows * PanelFormat.Rows) + (packing / sizeof(float)));
                Multiply(product, task - product.FirstTask, encoding, Part(encoding.Groups, blocks, block), Part(encoding.Groups, blocks, block + 1), edge);
            });
            products.ForEach(product => product.Panels.End());
        }

        GC.KeepAlive(x);
    }

    private static int PanelsPerTask(PanelMatrix panels, int rows, int threads)
    {
        long wanted = TaskWork / Math.Max(1, panels.PanelBytes * rows), most = panels.Count / (4 * threads);
        return (int)Math.Max(1, Math.Min(wanted, most));
    }

    private static void Multiply(Product product, int task, Encoded x, int firstGroup, int lastGroup, float* edge)
    {
        PanelMatrix panels = product.Panels;
        int columns = x.Columns, outputs = panels.Rows;
        int last = Math.Min(panels.Count, (task + 1) * product.PanelsPerTask);
        for (int index = task * product.PanelsPerTask; index < last; index++)
        {
            byte* panel = panels.Panel(index, (byte*)(edge + (x.Format.GroupRows * PanelFormat.Rows)));
            int column = index * PanelFormat.Rows, width = Math.Min(PanelFormat.Rows, outputs - column);
            float* bias = product.Bias is null ? null : (float*)product.Bias.Data + column;
            for (int group = firstGroup; group < lastGroup; group++)
            {
                int row = x.FirstRow(group), rows = x.FirstRow(group + 1) - row;
                float* y = (float*)product.Y.Data + ((long)row * outputs) + column;
                if (width == PanelFormat.Rows)
                {
                    panels.Format.Multiply(panel, columns, x.Group(group), rows, y, outputs);
                }
                else
                {
                    panels.Format.Multiply(panel, columns, x.Group(group), rows, edge, PanelFormat.Rows);
                    for (int r = 0; r < rows; r++)
                    {
                        new ReadOnlySpan<float>(edge + (r * PanelFormat.Rows), width).CopyTo(new Span<float>(y + ((long)r * outputs), width));
                    }
                }

                for (int r = 0; bias is not null && r < rows; r++)
                {
                    float* target = y + ((long)r * outputs);
                    for (int j = 0; j < width; j++)
                    {
                        target[j] += bias[j];
                    }
                }
            }
        }

        GC.KeepAlive(product);
    }

    /// <summary>x in each of the formats that the parts of w are multiplied with.</summary>
    private static List<Encoded> Encode(CpuContext context, Tensor x, PanelWeight w)
    {
        List<Encoded> encodings = [];
        long bytes = 0;
        foreach (PanelMatrix? panels in w.Panels)
        {
            if (panels is not null && !encodings.Exists(e => e.Format == panels.Format.Activations))
            {
                Encoded encoding = new(panels.Format.Activations, x.Rows, x.Columns, bytes);
                bytes += encoding.Bytes;
                encodings.Add(encoding);
            }
        }

        byte* target = (byte*)context.Shared.Floats((bytes + 3) / 4);
        foreach (Encoded encoding in encodings)
        {
            encoding.Target = target;
            void Group(int group)
            {
                int row = encoding.FirstRow(group);
                encoding.Format.Encode(
                    (float*)x.Data + ((long)row * x.Columns), x.Columns, encoding.FirstRow(group + 1) - row, x.Columns, encoding.Group(group));
            }

            if ((long)x.Rows * x.Columns >= EncodeTogether)
            {
                context.Pool.For(encoding.Groups, (group, _) => Group(group));
                continue;
            }

            for (int group = 0; group < encoding.Groups; group++)
            {
                Group(group);
            }
        }

        return encodings;
    }

    private static int Part(int count, int parts, int index) => (int)((long)count * index / parts);

    private sealed record Product(PanelMatrix Panels, Tensor? Bias, Tensor Y, int PanelsPerTask, int FirstTask)
    {
        public int Tasks => (Panels.Count + PanelsPerTask - 1) / PanelsPerTask;
    }

    /// <summary>Rows of x in groups of as equal size as can be.</summary>
    private sealed class Encoded
    {
        private readonly int _rows;
        private readonly long _offset;
        private readonly long _groupBytes;

        public Encoded(ActivationFormat format, int rows, int columns, long offset)
        {
            Format = format;
            Columns = columns;
            _rows = rows;
            _offset = offset;
            Groups = (rows + format.GroupRows - 1) / format.GroupRows;
            _groupBytes = (format.GroupBytes((rows + Groups - 1) / Groups, columns) + 63) & ~63L;
        }

        public ActivationFormat Format { get; }

        public int Columns { get; }

        public int Groups { get; }

        public long Bytes => Groups * _groupBytes;

        public byte* Target { get; set; }

        public int FirstRow(int group) => Part(_rows, Groups, group);

        public byte* Group(int group) => Target + _offset + (group * _groupBytes);
    }
}
