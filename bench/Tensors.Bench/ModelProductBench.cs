namespace Inference.Tensors.Bench;

/// <summary>The products of a decode step at the shapes of known models, each layer with weights of its own.</summary>
internal static class ModelProductBench
{
    public static void Run(IBackend backend, int threads, DType type, int rows)
    {
        Model(backend, threads, type, rows, "Qwen2.5-0.5B", 24, 896, [896, 128, 128], 4864, 151_936);
        Model(backend, threads, type, rows, "Llama-3.2-1B", 16, 2048, [2048, 512, 512], 8192, 128_256);
    }

    private static void Model(
        IBackend backend, int threads, DType type, int rows, string name, int layers, int hidden, int[] queryKeyValue, int intermediate, int vocabulary)
    {
        Console.WriteLine($"{name}, {type}, {rows} rows: ms of a step, GB/s of the weights, share of what reads reach");
        double all = Print("queries, keys, values", layers, hidden, queryKeyValue);
        all += Print("attention output", layers, hidden, [hidden]);
        all += Print("gate and up", layers, hidden, [intermediate, intermediate]);
        all += Print("down", layers, intermediate, [hidden]);
        all += Print("head", 1, hidden, [vocabulary]);
        Console.WriteLine($"  {"together",-24} {all,8:F2}");

        double Print(string what, int count, int inputs, int[] outputs)
        {
            Tensor[] stored = Array.ConvertAll(outputs, o => ProductBench.Weight(type, o, inputs));
            PreparedWeight[] weights = [.. Enumerable.Range(0, count).Select(_ => backend.Prepare(stored))];
            using Tensor x = Data.Uniform(rows, inputs);
            Tensor[] y = Array.ConvertAll(outputs, o => Tensor.Allocate(rows, o));
            void Step() => Array.ForEach(weights, weight => backend.Linear(x, weight, [], y));

            Step();
            double reads = MachinePeaks.Reads(threads);
            double seconds = Sampling.Of(Step, 0.6).Median;
            double rate = count * stored.Sum(s => (double)s.ByteLength) / seconds;
            reads = Math.Max(reads, MachinePeaks.Reads(threads));
            Console.WriteLine($"  {what,-24} {seconds * 1e3,8:F2} {rate / 1e9,7:F1} {rate / reads,6:P0}");
            Array.ForEach(weights, weight => weight.Dispose());
            Array.ForEach(stored, tensor => tensor.Dispose());
            Array.ForEach(y, tensor => tensor.Dispose());
            return seconds * 1e3;
        }
    }
}
