using System.Runtime.InteropServices;
using System.Text;
using Inference.Tensors.Cuda.Driver;
using Inference.TestSupport;

namespace Inference.Cuda.Tests.Doubles;

/// <summary>The double of libcuda, see cuda.c.</summary>
internal sealed class DriverDouble(params string[] definitions) : NativeDouble("cuda", definitions)
{
    /// <summary>Bytes that the device has left.</summary>
    public unsafe long FreeBytes
    {
        set => *(long*)Export("free_bytes") = value;
    }

    /// <summary>The calls since the last <see cref="Forget"/>, each with its arguments; those that change the current context are left out.</summary>
    public string[] Calls => [.. AllCalls.Where(c => !c.StartsWith("cuCtxPush", StringComparison.Ordinal) && !c.StartsWith("cuCtxPop", StringComparison.Ordinal))];

    /// <summary>All calls since the last <see cref="Forget"/>.</summary>
    public unsafe string[] AllCalls =>
        Marshal.PtrToStringUTF8((nint)((delegate* unmanaged<byte*>)Export("calls"))())!.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>The names of <see cref="Calls"/>.</summary>
    public string[] Names => [.. Calls.Select(c => c.Split(' ')[0])];

    /// <summary>The next calls of this name return a code; 0 ends it.</summary>
    public unsafe void Fail(string call, int code)
    {
        fixed (byte* name = Encoding.UTF8.GetBytes(call + '\0'))
        {
            ((delegate* unmanaged<byte*, int, void>)Export("fail"))(name, code);
        }
    }

    /// <summary>Forgets the calls so far.</summary>
    public unsafe void Forget() => ((delegate* unmanaged<void>)Export("forget"))();

    /// <summary>The driver on this double.</summary>
    public CudaDriver Open() => new(Path);

    /// <summary>A context on its first device.</summary>
    public PrimaryContext OpenContext()
    {
        CudaDriver driver = Open();
        return new PrimaryContext(driver.Api, driver.Devices[0]);
    }
}
