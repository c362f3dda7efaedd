using System.Text;
using Inference.Models.Weights;
using Inference.Tensors;
using Inference.TestSupport;

namespace Inference.Models.Tests.Weights;

public sealed class GgufTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    private static object WithStrings(object value) => value switch
    {
        GgufStrings strings => strings.ToStrings(),
        object[] nested => nested.Select(WithStrings).ToArray(),
        _ => value,
    };

    [Fact]
    public void Strings_that_were_read_once_outlive_the_file_and_others_are_refused()
    {
        string path = _directory.File("s.gguf");
        GgufWriter.Write(path, new Dictionary<string, object> { ["read"] = new[] { "a", "", "üb" }, ["unread"] = new[] { "x" } }, []);
        GgufStrings read, unread;
        using (GgufFile file = GgufFile.Open(path))
        {
            (read, unread) = ((GgufStrings)file.Metadata.Values["read"], (GgufStrings)file.Metadata.Values["unread"]);
            Assert.Equal(3, read.Count);
            Assert.Equal("üb"u8, read[2].Span);
        }

        Assert.Equal(["a", "", "üb"], read.ToStrings());
        Assert.Throws<ObjectDisposedException>(() => unread[0]);
    }

    [Fact]
    public void Metadata_of_every_type_reads_back()
    {
        string path = _directory.File("m.gguf");
        Dictionary<string, object> written = new()
        {
            ["u8"] = (byte)1,
            ["i8"] = (sbyte)-1,
            ["u16"] = (ushort)2,
            ["i16"] = (short)-2,
            ["u32"] = 3u,
            ["i32"] = -3,
            ["f32"] = 1.5f,
            ["bool"] = true,
            ["string"] = "Grüße",
            ["u64"] = 4ul,
            ["i64"] = -4L,
            ["f64"] = 2.5,
            ["strings"] = new[] { "a", "", "ü" },
            ["ints"] = new[] { 1, -2 },
            ["uints"] = new[] { 1u, 2u },
            ["floats"] = new[] { 0.5f, 1 },
            ["bools"] = new[] { true, false },
            ["bytes"] = new byte[] { 1, 2 },
            ["nested"] = new object[] { new[] { 1, 2 }, new[] { "x" } },
        };

        GgufWriter.Write(path, written, []);

        using GgufFile file = GgufFile.Open(path);
        Assert.Equal(written, file.Metadata.Values.ToDictionary(v => v.Key, v => WithStrings(v.Value)));
        Assert.Equal(3, file.Metadata.Integer("u32"));
        Assert.Equal(-4, file.Metadata.Integer("i64"));
        Assert.Equal([1, 2], file.Metadata.Integers("uints")!);
        Assert.Equal(2.5f, file.Metadata.Float("f64"));
        Assert.True(file.Metadata.Bool("bool"));
        Assert.Null(file.Metadata.Text("absent"));
        Assert.Contains("'string' must be an integer", Assert.Throws<ModelFormatException>(() => file.Metadata.Integer("string")).Message);
        Assert.Contains("'ints' must be String", Assert.Throws<ModelFormatException>(() => file.Metadata.Text("ints")).Message);
    }

    [Theory]
    [InlineData(DType.F32, 32)]
    [InlineData(DType.F16, 32)]
    [InlineData(DType.BF16, 64)]
    [InlineData(DType.Q8_0, 32)]
    [InlineData(DType.Q4_0, 256)]
    [InlineData(DType.Q4_1, 32)]
    [InlineData(DType.Q5_0, 32)]
    [InlineData(DType.Q5_1, 32)]
    [InlineData(DType.Q4_K, 32)]
    [InlineData(DType.Q5_K, 32)]
    [InlineData(DType.Q6_K, 32)]
    public void Tensors_of_every_format_read_back_aligned(DType type, int alignment)
    {
        string path = _directory.File("m.gguf");
        using Tensor matrix = Tensor.Allocate(3, 256);
        for (int i = 0; i < matrix.Span.Length; i++)
        {
            matrix.Span[i] = MathF.Sin(i);
        }

        using Tensor expected = matrix.ConvertTo(type);
        using Tensor vector = Tensor.From(1, 3, [1, 2, 3]);

        GgufWriter.Write(
            path, new Dictionary<string, object> { ["general.alignment"] = (uint)alignment },
            [TensorSource.FromTensor("v", vector, DType.F32, 3), TensorSource.FromTensor("m", matrix, type), TensorSource.FromTensor("c", expected, type)]);

        using GgufFile file = GgufFile.Open(path);
        Assert.Equal([3L, 256L], file.Tensors["m"].Shape);
        Assert.All(file.Tensors.Values, t => Assert.Equal(0, t.Offset % alignment));
        Assert.Equal([1, 2, 3], file.Get("v").ReadRow(0));
        Assert.Equal(expected.Bytes, file.Get("m").Bytes);
        Assert.Equal(expected.Bytes, file.Get("c").Bytes);
    }

    [SharedDataTheory("tokenizers")]
    [InlineData("gpt-2", "gpt2", 50257)]
    [InlineData("llama-spm", "llama", 32000)]
    [InlineData("phi-3", "llama", 32064)]
    public void Published_vocabularies_are_read(string name, string tokenizer, int tokens)
    {
        using GgufFile file = GgufFile.Open(SharedData.Get($"tokenizers/ggml-vocab-{name}.gguf"));

        Assert.Equal(tokenizer, file.Metadata.Text("tokenizer.ggml.model"));
        Assert.Equal(tokens, file.Metadata.Texts("tokenizer.ggml.tokens")!.Length);
        Assert.Equal(tokens, file.Metadata.Integers("tokenizer.ggml.token_type")!.Length);
        Assert.Empty(file.Tensors);
    }

    [Fact]
    public void Every_truncation_is_refused()
    {
        string path = _directory.File("m.gguf");
        using Tensor tensor = Tensor.From(2, 2, [1, 2, 3, 4]);
        GgufWriter.Write(path, new Dictionary<string, object> { ["k"] = "text", ["a"] = new[] { "x", "y" } }, [TensorSource.FromTensor("t", tensor, DType.F32)]);
        byte[] whole = File.ReadAllBytes(path);
        long dataEnd;
        using (GgufFile file = GgufFile.Open(path))
        {
            dataEnd = file.Tensors["t"].Offset + 16;
        }

        for (int length = 0; length < dataEnd; length++)
        {
            File.WriteAllBytes(path, whole[..length]);
            Assert.StartsWith(path, Assert.Throws<ModelFormatException>(() => GgufFile.Open(path)).Message);
        }
    }

    [Fact]
    public void Any_flipped_byte_is_read_or_refused_and_nothing_else_happens()
    {
        string path = _directory.File("m.gguf");
        using Tensor tensor = Tensor.From(2, 2, [1, 2, 3, 4]);
        GgufWriter.Write(path, new Dictionary<string, object> { ["k"] = 7u, ["a"] = new[] { 1, 2 } }, [TensorSource.FromTensor("t", tensor, DType.F32)]);
        byte[] whole = File.ReadAllBytes(path);
        int refused = 0;
        for (int i = 0; i < whole.Length; i++)
        {
            byte[] flipped = [.. whole];
            flipped[i] ^= 0xFF;
            File.WriteAllBytes(path, flipped);
            try
            {
                using GgufFile file = GgufFile.Open(path);
                Assert.All(file.Tensors.Values, t => Assert.InRange(t.Offset + t.ByteLength, 0, whole.Length));
            }
            catch (ModelFormatException)
            {
                refused++;
            }
        }

        Assert.InRange(refused, 40, whole.Length);
    }

    [Fact]
    public void Hostile_headers_are_refused_with_their_reason()
    {
        AssertRefused(w => w.Write("GGML"u8), "does not begin with GGUF");
        AssertRefused(w => Start(w, version: 2, tensors: 0, values: 0), "version 2 is not supported");
        AssertRefused(w => Start(w, tensors: ulong.MaxValue, values: 0), "tensor count is 18446744073709551615");
        AssertRefused(w => Start(w, tensors: 0, values: 1ul << 40), "metadata count is 1099511627776");
        AssertRefused(w => Value(w, 8, v => v.Write(ulong.MaxValue)), "length of 'k' is 18446744073709551615");
        AssertRefused(w => Value(w, 13, _ => { }), "'k' has the unknown value type 13");
        AssertRefused(w => Value(w, 9, v => Array(v, 6, 1ul << 50)), "element count of 'k'");
        AssertRefused(w => Value(w, 9, v => Array(v, 77, 0)), "unknown value type 77");
        AssertRefused(w => Value(w, 9, v => Nested(v, 100)), "nests arrays deeper than 4");
        AssertRefused(w => Describe(w, dimensions: [], type: 0, offset: 0), "has 0 dimensions");
        AssertRefused(w => Describe(w, dimensions: [1, 1, 1, 1, 1], type: 0, offset: 0), "has 5 dimensions");
        AssertRefused(w => Describe(w, dimensions: [ulong.MaxValue], type: 0, offset: 0), "dimension of 18446744073709551615");
        AssertRefused(w => Describe(w, dimensions: [1ul << 62, 1ul << 62, 1ul << 62], type: 0, offset: 0), "more than the");
        AssertRefused(w => Describe(w, dimensions: [4], type: 99, offset: 0), "unknown type 99");
        AssertRefused(w => Describe(w, dimensions: [4], type: 8, offset: 0), "no multiple of the 32 of Q8_0");
        AssertRefused(w => Describe(w, dimensions: [4], type: 0, offset: 4), "no multiple of the alignment");
        AssertRefused(w => Describe(w, dimensions: [4], type: 0, offset: 1ul << 63), "outside of the");
    }

    [Fact]
    public void A_format_without_kernels_is_refused_by_name_when_opened()
    {
        string path = _directory.File("q.gguf");
        File.WriteAllBytes(path, Build(w => Describe(w, dimensions: [256], type: 10, offset: 0)));

        using GgufFile file = GgufFile.Open(path);

        Assert.Contains("tensor 't' is Q2_K, which is not supported", Assert.Throws<ModelFormatException>(() => file.Get("t")).Message);
        Assert.Contains("no tensor 'u'", Assert.Throws<ModelFormatException>(() => file.Get("u")).Message);
    }

    private static void Start(BinaryWriter writer, ulong tensors, ulong values, uint version = 3)
    {
        writer.Write("GGUF"u8);
        writer.Write(version);
        writer.Write(tensors);
        writer.Write(values);
    }

    private static void Value(BinaryWriter writer, uint type, Action<BinaryWriter> value)
    {
        Start(writer, tensors: 0, values: 1);
        writer.Write(1ul);
        writer.Write("k"u8);
        writer.Write(type);
        value(writer);
    }

    private static void Array(BinaryWriter writer, uint type, ulong count)
    {
        writer.Write(type);
        writer.Write(count);
    }

    private static void Nested(BinaryWriter writer, int depth)
    {
        for (int i = 0; i < depth; i++)
        {
            Array(writer, 9, 1);
        }
    }

    private static void Describe(BinaryWriter writer, ulong[] dimensions, uint type, ulong offset)
    {
        Start(writer, tensors: 1, values: 0);
        writer.Write(1ul);
        writer.Write("t"u8);
        writer.Write((uint)dimensions.Length);
        System.Array.ForEach(dimensions, writer.Write);
        writer.Write(type);
        writer.Write(offset);
    }

    private static byte[] Build(Action<BinaryWriter> write)
    {
        using MemoryStream stream = new();
        using BinaryWriter writer = new(stream, Encoding.UTF8);
        write(writer);
        writer.Write(new byte[256]);
        return stream.ToArray();
    }

    private void AssertRefused(Action<BinaryWriter> write, string reason)
    {
        string path = _directory.File("bad.gguf");
        File.WriteAllBytes(path, Build(write));
        ModelFormatException refusal = Assert.Throws<ModelFormatException>(() => GgufFile.Open(path));
        Assert.StartsWith(path, refusal.Message);
        Assert.Contains(reason, refusal.Message);
    }
}
