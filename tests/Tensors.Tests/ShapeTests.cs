using Inference.Tensors.Cpu;
using Inference.Tensors.Reference;

namespace Inference.Tensors.Tests;

public class ShapeTests
{
    private static readonly int[] Blocks = [0, 1];

    /// <summary>Each case: the argument that is wrong, and a call with everything else right.</summary>
    private static readonly (string Name, Action<IBackend> Call)[] Wrong =
    [
        ("y", b => b.Embedding(T(9, 4), [1, 2], T(2, 5))),
        ("ids", b => b.Embedding(T(9, 4), [1, 9], T(2, 4))),
        ("ids", b => b.Embedding(T(9, 4), [1, -1], T(2, 4))),
        ("dy", b => b.EmbeddingBackward([1, 2], T(3, 4), T(9, 4))),
        ("ids", b => b.EmbeddingBackward([9], T(1, 4), T(9, 4))),
        ("w", b => b.Linear(T(2, 3), T(5, 4), null, T(2, 5))),
        ("y", b => b.Linear(T(2, 3), T(5, 3), null, T(2, 4))),
        ("y", b => b.Linear(T(2, 3), T(5, 3), null, T(2, 5, DType.F16))),
        ("x", b => b.Linear(T(2, 3, DType.BF16), T(5, 3), null, T(2, 5))),
        ("bias", b => b.Linear(T(2, 3), T(5, 3), T(5, 1), T(2, 5))),
        ("dx", b => b.LinearBackwardInput(T(2, 5), T(5, 3), T(3, 3))),
        ("dy", b => b.LinearBackwardInput(T(2, 4), T(5, 3), T(2, 3))),
        ("w", b => b.LinearBackwardInput(T(2, 5), T(5, 4), T(2, 3))),
        ("dw", b => b.LinearBackwardWeight(T(2, 3), T(2, 5), T(3, 5), null)),
        ("dy", b => b.LinearBackwardWeight(T(2, 3), T(3, 5), T(5, 3), null)),
        ("dbias", b => b.LinearBackwardWeight(T(2, 3), T(2, 5), T(5, 3), T(1, 4))),
        ("weight", b => b.RmsNorm(T(2, 3), T(1, 4), 1e-5f, T(2, 3))),
        ("y", b => b.RmsNorm(T(2, 3), T(1, 3), 1e-5f, T(3, 2))),
        ("dweight", b => b.RmsNormBackward(T(2, 3), T(1, 3), 1e-5f, T(2, 3), T(2, 3), T(1, 2))),
        ("y", b => b.Add(T(2, 3), T(3, 2))),
        ("up", b => b.SwiGlu(T(2, 3), T(2, 4), T(2, 3))),
        ("dup", b => b.SwiGluBackward(T(2, 3), T(2, 3), T(2, 3), T(2, 3), T(2, 2))),
        ("positions", b => b.Rotary(T(2, 8), [0], T(3, 2), T(3, 2), 4, RotaryStyle.HalfSplit)),
        ("positions", b => b.Rotary(T(2, 8), [0, 3], T(3, 2), T(3, 2), 4, RotaryStyle.HalfSplit)),
        ("sin", b => b.Rotary(T(2, 8), [0, 1], T(3, 2), T(3, 1), 4, RotaryStyle.HalfSplit)),
        ("cos", b => b.Rotary(T(2, 8), [0, 1], T(3, 3), T(3, 3), 4, RotaryStyle.HalfSplit)),
        ("headDimension", b => b.Rotary(T(2, 8), [0, 1], T(3, 2), T(3, 2), 3, RotaryStyle.HalfSplit)),
        ("k", b => b.WriteKv(T(1, 5), T(1, 4), Cache(), 0, [0])),
        ("v", b => b.WriteKv(T(1, 4), T(2, 4), Cache(), 0, [0])),
        ("slots", b => b.WriteKv(T(1, 4), T(1, 4), Cache(), 0, [8])),
        ("layer", b => b.WriteKv(T(1, 4), T(1, 4), Cache(), 1, [0])),
        ("q", b => b.PagedAttention(T(1, 6), Cache(), 0, [new(0, 1, 0, Blocks)], new(1), T(1, 6))),
        ("slices", b => b.PagedAttention(T(1, 8), Cache(), 0, [new(0, 2, 0, Blocks)], new(1), T(1, 8))),
        ("slices", b => b.PagedAttention(T(1, 8), Cache(), 0, [new(0, 1, 8, Blocks)], new(1), T(1, 8))),
        ("slices", b => b.PagedAttention(T(1, 8), Cache(), 0, [new(0, 1, 0, new[] { 2 })], new(1), T(1, 8))),
        ("y", b => b.PagedAttention(T(1, 8), Cache(), 0, [new(0, 1, 0, Blocks)], new(1), T(1, 4))),
        ("options", b => b.PagedAttention(T(1, 8), Cache(), 0, [new(0, 1, 0, Blocks)], new(1, SlidingWindow: -1), T(1, 8))),
        ("options", b => b.PagedAttention(T(1, 8), Cache(), 0, [new(0, 1, 0, Blocks)], new(1, SoftCap: -1), T(1, 8))),
        ("cap", b => b.SoftCap(T(1, 8), 0)),
        ("x", b => b.Convolution(T(9, 3), b.PrepareConvolution(T(5, 8), 2), null, new(1), T(9, 5))),
        ("y", b => b.Convolution(T(9, 4), b.PrepareConvolution(T(5, 8), 2), null, new(1, Column: 1), T(9, 5))),
        ("bias", b => b.Convolution(T(9, 4), b.PrepareConvolution(T(5, 8), 2), T(1, 4), new(1), T(9, 5))),
        ("options", b => b.Convolution(T(9, 4), b.PrepareConvolution(T(5, 8), 2), null, new(Dilation: 0), T(9, 5))),
        ("weight", b => b.PrepareConvolution(T(5, 7), 2)),
        ("slope", b => b.LeakyRelu(T(1, 8), 2, T(1, 8))),
        ("x", b => b.GatedTanh(T(1, 8), T(1, 8))),
        ("rows", b => b.ScatterAddRows(T(2, 3), [0, 4], [1, 1], T(4, 3))),
        ("weights", b => b.ScatterAddRows(T(2, 3), [0, 3], [1], T(4, 3))),
        ("x", b => b.ScatterAddRows(T(2, 3), [0], [1], T(4, 3))),
        ("up", b => b.GeGlu(T(2, 3), T(2, 4), T(2, 3))),
        ("starts", b => b.CausalAttention(T(3, 4), T(3, 2), T(3, 2), [0, 2], 2, 1, T(3, 4), T(3, 2))),
        ("starts", b => b.CausalAttention(T(3, 4), T(3, 2), T(3, 2), [0, 2, 1, 3], 2, 1, T(3, 4), T(3, 2))),
        ("logSumExp", b => b.CausalAttention(T(3, 4), T(3, 2), T(3, 2), [0, 3], 2, 1, T(3, 4), T(3, 1))),
        ("v", b => b.CausalAttention(T(3, 4), T(3, 2), T(3, 4), [0, 3], 2, 1, T(3, 4), T(3, 2))),
        ("bias", b => b.LayerNorm(T(2, 3), T(1, 3), T(1, 4), 1e-5f, T(2, 3))),
        ("dbias", b => b.LayerNormBackward(T(2, 3), T(1, 3), 1e-5f, T(2, 3), T(2, 3), T(1, 3), T(2, 3))),
        ("y", b => b.Gelu(T(2, 3), T(3, 2))),
        ("dx", b => b.GeluBackward(T(2, 3), T(2, 3), T(3, 2))),
        ("queryStarts", b => b.FullAttention(T(3, 4), T(5, 2), T(5, 2), [0, 2], [0, 5], 2, 1, T(3, 4), T(3, 2))),
        ("keyStarts", b => b.FullAttention(T(3, 4), T(5, 2), T(5, 2), [0, 3], [0, 3], 2, 1, T(3, 4), T(3, 2))),
        ("keyStarts", b => b.FullAttention(T(3, 4), T(5, 2), T(5, 2), [0, 1, 3], [0, 0, 5], 2, 1, T(3, 4), T(3, 2))),
        ("dv", b => b.FullAttentionBackward(
            T(3, 4), T(5, 2), T(5, 2), T(3, 4), T(3, 2), T(3, 4), [0, 3], [0, 5], 2, 1, T(3, 4), T(5, 2), T(3, 2))),
        ("targets", b => b.CrossEntropy(T(2, 3), [0, 3], [1, 1], 1, new double[2])),
        ("losses", b => b.CrossEntropy(T(2, 3), [0, 2], [1, 1], 1, new double[3])),
        ("weights", b => b.CrossEntropy(T(2, 3), [0, 1], [1], 1, new double[2])),
        ("m", b => b.AdamW(T(2, 3), T(2, 3), T(2, 2), T(2, 3), 1, 1, 1, 1, 1, 1, 1)),
        ("step", b => b.AdamW(T(2, 3), T(2, 3), T(2, 3), T(2, 3), 1, 1, 1, 1, 1, 1, 0)),
        ("x", b => b.SumOfSquares(T(2, 32, DType.Q8_0))),
    ];

    public static TheoryData<int> Cases() => new(Enumerable.Range(0, Wrong.Length));

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_wrong_argument_is_refused_by_name(int number)
    {
        (string name, Action<IBackend> call) = Wrong[number];
        using ReferenceBackend reference = new();
        using CpuBackend cpu = new(1);
        Assert.Equal(name, Assert.ThrowsAny<ArgumentException>(() => call(reference)).ParamName);
        Assert.Equal(name, Assert.ThrowsAny<ArgumentException>(() => call(cpu)).ParamName);
    }

    [Fact]
    public void A_disposed_tensor_is_refused_by_name()
    {
        using CpuBackend cpu = new(1);
        Tensor x = T(2, 3);
        x.Dispose();
        Assert.Equal("x", Assert.Throws<ObjectDisposedException>(() => cpu.Add(x, T(2, 3))).ObjectName);
    }

    [Fact]
    public void The_name_shows_instruction_set_and_threads()
    {
        using CpuBackend one = new(1, Isa.Portable), two = new(2, Isa.Portable);
        Assert.Equal("cpu (portable, 1 thread)", one.Name);
        Assert.Equal("cpu (portable, 2 threads)", two.Name);
        Assert.Throws<ArgumentOutOfRangeException>(() => new CpuBackend(0));
    }

    [Fact]
    public void A_view_has_the_same_elements_and_no_others()
    {
        Tensor x = Samples.Normal(1, 3, 8);
        Assert.Equal(x.ReadRow(1)[4..], x.Reshape(6, 4).ReadRow(3));
        Assert.Throws<ArgumentException>(() => x.Reshape(6, 5));
    }

    [Fact]
    public void No_rows_are_no_work()
    {
        using CpuBackend cpu = new(2);
        cpu.Linear(T(0, 3), T(5, 3), null, T(0, 5));
        cpu.RmsNorm(T(0, 3), T(1, 3), 1e-5f, T(0, 3));
        cpu.PagedAttention(T(0, 8), Cache(), 0, [], new(1), T(0, 8));
        Assert.Equal(0, cpu.CrossEntropy(T(0, 3), [], [], 1, []));
    }

    private static Tensor T(int rows, int columns, DType type = DType.F32) => Tensor.Allocate(rows, columns, type);

    private static HostKvCache Cache() => new(1, 2, 4, 2, 2);
}
