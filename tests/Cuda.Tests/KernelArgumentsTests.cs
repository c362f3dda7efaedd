using Inference.Tensors.Cuda.Driver;

namespace Inference.Cuda.Tests;

public class KernelArgumentsTests
{
    [Fact]
    public void Arguments_are_packed_as_c_aligns_them()
    {
        Span<byte> buffer = stackalloc byte[64];
        buffer.Fill(0xEE);
        KernelArguments arguments = new(buffer);

        arguments.Add((byte)0xA1);
        arguments.Add(0x01020304);
        arguments.Add(1.0f);
        arguments.Add(unchecked((nint)0x1122334455667788));
        arguments.Add((byte)0xB2);
        arguments.Add(-2L);
        arguments.Add(0xFFFFFFFFFFFFFFFFul);

        Assert.Equal(
            "A1000000" + "04030201" + "0000803F" + "00000000" + "8877665544332211" + "B200000000000000" + "FEFFFFFFFFFFFFFF" + "FFFFFFFFFFFFFFFF",
            Convert.ToHexString(arguments.Bytes));
    }

    [Fact]
    public void Arguments_that_do_not_fit_are_refused()
    {
        InvalidOperationException exception = Assert.Throws<InvalidOperationException>(() =>
        {
            KernelArguments arguments = new(stackalloc byte[12]);
            arguments.Add(1);
            arguments.Add(2L);
        });

        Assert.Equal("16 bytes of arguments do not fit into 12", exception.Message);
    }

    [Fact]
    public void Packing_allocates_nothing()
    {
        _ = Pack();
        long before = GC.GetAllocatedBytesForCurrentThread();
        int length = Pack();

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
        Assert.Equal(24, length);
    }

    private static int Pack()
    {
        KernelArguments arguments = new(stackalloc byte[32]);
        arguments.Add(1);
        arguments.Add((nint)2);
        arguments.Add(3f);
        arguments.Add(4);
        return arguments.Length;
    }
}
