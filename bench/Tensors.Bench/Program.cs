// Speed of the CPU kernels beside the peaks of the machine.
//   dotnet run -c Release --project bench/Tensors.Bench -- [training] [products] [model] [attention] [step] [--threads n]
//     [--isa avx512|avx2|portable] [--emitted false] [--type BF16] [--rows n]
// Each figure is the median of several runs; "best" shows how much other load there was.
using Inference.Tensors;
using Inference.Tensors.Bench;
using Inference.Tensors.Cpu;

int threads = int.Parse(Option("--threads", "1"));
Isa isa = Enum.Parse<Isa>(Option("--isa", CpuFeatures.Best.ToString()), ignoreCase: true);
Sampling.ProcessorTime = threads == 1;
string[] parts = ["training", "products", "model", "attention", "step"];
bool all = !args.Any(parts.Contains);
using CpuBackend backend = new(threads, isa, bool.Parse(Option("--emitted", "true")));
Console.WriteLine(backend.Name);
MachinePeaks peaks = MachinePeaks.Measure(threads);
Console.WriteLine(
    $"peak: {peaks.Flops / 1e9:F0} GFLOP/s of F32 multiply-adds, {peaks.BFloat16 / 1e9:F0} of BF16 pairs, {peaks.Bytes / 1e9:F0} GOP/s of bytes, {peaks.BytesPerSecond / 1e9:F1} GB/s read");
if (all || args.Contains("training"))
{
    TrainingBench.Run(backend, peaks);
}

if (all || args.Contains("products"))
{
    ProductBench.Run(backend, peaks, threads, args.Contains("--type") ? Option("--type", "") : null);
}

if (all || args.Contains("model"))
{
    ModelProductBench.Run(backend, threads, Enum.Parse<DType>(Option("--type", "BF16")), int.Parse(Option("--rows", "1")));
}

if (all || args.Contains("attention"))
{
    AttentionBench.Run(backend, peaks, args.Contains("--type") ? Option("--type", "") : null);
}

if (all || args.Contains("step"))
{
    StepBench.Run(backend, Enum.Parse<DType>(Option("--type", "BF16")), int.Parse(Option("--rows", "1")));
}

string Option(string name, string otherwise)
{
    int at = Array.IndexOf(args, name);
    return at >= 0 && at + 1 < args.Length ? args[at + 1] : otherwise;
}
