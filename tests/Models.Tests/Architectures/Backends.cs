using Inference.Tensors;
using Inference.Tensors.Cpu;
using Inference.Tensors.Reference;

namespace Inference.Models.Tests.Architectures;

/// <summary>The backends that models are tested on, by name.</summary>
public static class Backends
{
    public static TheoryData<string> Names => ["reference", "cpu"];

    public static IBackend Create(string name) => name == "cpu" ? new CpuBackend(threads: 2) : new ReferenceBackend();
}
