using Inference.Tensors.Cpu.Emit;

namespace Inference.Tensors.Tests.Emit;

/// <summary>A test that runs emitted code.</summary>
internal sealed class EmittedFactAttribute : FactAttribute
{
    public EmittedFactAttribute()
    {
        if (!EmittedCode.IsSupported)
        {
            Skip = "emitted kernels need x86-64 Linux with AVX-512 and a system that allows them";
        }
    }
}
