// Speed of the CPU kernels beside the peaks of the machine.
//   dotnet run -c Release --project bench/Tensors.Bench -- [training] [inference] [attention] [step] [--threads n] [--isa avx512|avx2|portable]
// Each figure is the median of several runs; "best" shows how much other load there was.
using Inference.Tensors.Bench;
using Inference.Tensors.Cpu;

int threads = int.Parse(Option("--threads", "1"));
Isa isa = Enum.Parse<Isa>(Option("--isa", CpuFeatures.Best.ToString()), ignoreCase: true);
Sampling.ProcessorTime = threads == 1;
bool all = !args.Any(arg => arg is "training" or "inference" or "attention" or "step");
using CpuBackend backend = new(threads, isa);
Console.WriteLine(backend.Name);
MachinePeaks peaks = MachinePeaks.Measure(threads);
Console.WriteLine($"peak: {peaks.Flops / 1e9:F0} GFLOP/s of F32 FMA, {peaks.BytesPerSecond / 1e9:F1} GB/s read");
if (all || args.Contains("training"))
{
    TrainingBench.Run(backend, peaks);
}

if (all || args.Contains("inference"))
{
    InferenceBench.Run(backend, peaks);
}

if (all || args.Contains("attention"))
{
    AttentionBench.Run(backend, peaks);
}

if (all || args.Contains("step"))
{
    StepBench.Run(backend);
}

string Option(string name, string otherwise)
{
    int at = Array.IndexOf(args, name);
    return at >= 0 && at + 1 < args.Length ? args[at + 1] : otherwise;
}
