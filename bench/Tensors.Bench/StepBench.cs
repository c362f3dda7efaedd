namespace Inference.Tensors.Bench;

/// <summary>
/// Where the microseconds of a step go, at the shapes of known models: of one row after 511 others, or of the last rows of a
/// prompt of 512. Four layers stand for all; their weights do not fit into the caches, so that each operation finds these as
/// in a whole model.
/// </summary>
internal static class StepBench
{
    public static void Run(IBackend backend, DType type, int rows)
    {
        Model(backend, type, rows, "stories 15M", new(6, 288, 768, 6, 6, 48, 32_000));
        Model(backend, type, rows, "Qwen2.5-0.5B", new(24, 896, 4864, 14, 2, 64, 151_936));
        Model(backend, type, rows, "Llama-3.2-1B", new(16, 2048, 8192, 32, 8, 64, 128_256));
    }

    private static void Model(IBackend backend, DType type, int rows, string name, ModelShape shape)
    {
        using ModelStep step = new(backend, shape, type, rows);
        OperationTimes times = new();
        for (int i = 0; i < 4; i++)
        {
            step.Run(times);
        }

        times.Clear();
        while (times.Seconds < 2)
        {
            step.Run(times);
        }

        Console.WriteLine($"{name}, {type} weights, {rows} rows, F16 cache: us an operation, us a step of {shape.Layers} layers, share");
        double total = times.Operations.Sum(o => o.Total * (o.IsLayer ? shape.Layers / (double)ModelStep.Layers : 1)) / times.Steps;
        foreach ((string operation, int calls, double micros, bool isLayer) in times.Operations)
        {
            double share = micros / times.Steps * (isLayer ? shape.Layers / (double)ModelStep.Layers : 1);
            Console.WriteLine($"  {operation,-24} {micros / calls,9:F2} {share,9:F0} {share / total,7:P1}");
        }

        Console.WriteLine($"  {"all",-24} {"",9} {total,9:F0}   {rows * 1e6 / total:F1} tokens/s");
    }
}
