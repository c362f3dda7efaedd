using Inference.Tensors.Cpu.Emit;

namespace Inference.Tensors.Bench;

/// <summary>Rates of the dot product instructions that C# has no intrinsics for, on registers alone.</summary>
internal static unsafe class EmittedPeaks
{
    private const int Accumulators = 28;

    /// <summary>Multiplications and additions a second of an instruction that makes <paramref name="products"/> of each; 0 without it.</summary>
    public static double Measure(in EvexOp op, bool isSupported, int products, int threads)
    {
        const int Steps = 2_000_000;
        if (!isSupported)
        {
            return 0;
        }

        EvexOp dot = op;
        nint code = EmittedCode.Publish(a =>
        {
            for (int i = 0; i < 32; i++)
            {
                a.Zero(i);
            }

            a.Align(64);
            Label loop = Assembler.NewLabel();
            a.Bind(loop);
            for (int i = 0; i < Accumulators; i++)
            {
                a.Vector(dot, i, 30, 31);
            }

            a.Subtract(Gpr.Rdi, 1);
            a.Jump(Condition.NotZero, loop);
            a.ZeroUpper();
            a.Return();
        })[0];
        Sampling time = Sampling.Of(() => MachinePeaks.OnThreads(threads, _ =>
        {
            ((delegate* unmanaged<long, void>)code)(Steps);
            return 0;
        }));
        return 2.0 * products * Accumulators * Steps * threads / time.Best;
    }
}
