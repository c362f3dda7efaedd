using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace Inference.Tensors.Cpu.Emit;

/// <summary>Whether kernels can be emitted on this machine: x86-64 Linux with AVX-512, and a system that lets code be made.</summary>
internal static unsafe class EmittedCode
{
    private static readonly Lazy<bool> Supported = new(() =>
    {
        if (!OperatingSystem.IsLinux() || RuntimeInformation.ProcessArchitecture != Architecture.X64 || !CpuFeatures.Supports(Isa.Avx512))
        {
            return false;
        }

        Assembler assembler = new();
        assembler.Return();
        return ExecutableMemory.Publish(assembler.Code) != null;
    });

    /// <summary>Emitted kernels can run. The runtime's own answer on AVX-512 includes that the system saves its registers.</summary>
    public static bool IsSupported => Supported.Value;

    /// <summary>512-bit products of bytes (VNNI): CPUID leaf 7, ECX bit 11.</summary>
    public static bool HasVnni => IsSupported && (X86Base.CpuId(7, 0).Ecx & (1 << 11)) != 0;

    /// <summary>512-bit products of BF16 pairs: CPUID leaf 7.1, EAX bit 5.</summary>
    public static bool HasBFloat16 => IsSupported && X86Base.CpuId(7, 0).Eax >= 1 && (X86Base.CpuId(7, 1).Eax & (1 << 5)) != 0;

    /// <summary>What kernels are emitted for, as shown to operators: "emitted", "vnni", "bf16"; empty without support.</summary>
    public static string[] Features => !IsSupported ? [] : [.. new[] { "emitted", HasVnni ? "vnni" : "", HasBFloat16 ? "bf16" : "" }.Where(f => f != "")];

    /// <summary>Emits several functions and returns their addresses.</summary>
    /// <exception cref="InvalidOperationException">The system gives no executable memory any more.</exception>
    public static nint[] Publish(params ReadOnlySpan<Action<Assembler>> functions)
    {
        Assembler assembler = new();
        int[] starts = new int[functions.Length];
        for (int i = 0; i < functions.Length; i++)
        {
            assembler.Align(64);
            starts[i] = assembler.Code.Length;
            functions[i](assembler);
        }

        byte* code = (byte*)ExecutableMemory.Publish(assembler.Code);
        return code != null
            ? Array.ConvertAll(starts, start => (nint)(code + start))
            : throw new InvalidOperationException($"no executable memory for {assembler.Code.Length} bytes of emitted kernels");
    }
}
