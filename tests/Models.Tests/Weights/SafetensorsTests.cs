using System.Buffers.Binary;
using System.Text;
using Inference.Models.Weights;
using Inference.Tensors;
using Inference.TestSupport;

namespace Inference.Models.Tests.Weights;

public sealed class SafetensorsTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData(DType.F32)]
    [InlineData(DType.F16)]
    [InlineData(DType.BF16)]
    public void A_written_file_reads_back_with_the_same_numbers(DType type)
    {
        string path = _directory.File("model.safetensors");
        using Tensor matrix = Tensor.From(2, 3, [1, -2, 0.5f, 4, 100, -0.25f]);
        using Tensor vector = Tensor.From(1, 2, [3, 7]);

        SafetensorsWriter.Write(
            path, [TensorSource.FromTensor("m", matrix, type), TensorSource.FromTensor("v", vector, type, 2)], new Dictionary<string, string> { ["format"] = "pt" });

        using SafetensorsFile file = SafetensorsFile.Open(path);
        Assert.Equal("pt", file.Metadata["format"]);
        Assert.Equal([2L, 3L], file.Tensors["m"].Shape);
        Assert.Equal([2L], file.Tensors["v"].Shape);
        Assert.Equal(type, file.Get("m").Type);
        Assert.Equal([4, 100, -0.25f], file.Get("m").ReadRow(1));
        Assert.Equal([3, 7], file.Get("v").ReadRow(0));
    }

    [Fact]
    public void Data_above_the_shard_size_is_split_and_read_through_the_index()
    {
        using Tensor matrix = Tensor.From(2, 2, [1, 2, 3, 4]);
        TensorSource[] sources = [.. Enumerable.Range(0, 5).Select(i => TensorSource.FromTensor($"t{i}", matrix, DType.F32))];

        SafetensorsWriter.WriteDirectory(_directory.Path, sources, maxShardBytes: 40);

        Assert.Equal(3, Directory.GetFiles(_directory.Path, "*.safetensors").Length);
        using ShardedSafetensors shards = ShardedSafetensors.Open(_directory.File(ShardedSafetensors.IndexName));
        Assert.Equal(5, shards.Tensors.Count);
        Assert.Equal([3, 4], shards.Get("t4").ReadRow(1));
    }

    [Fact]
    public void Rows_of_many_chunks_stand_in_their_order()
    {
        const int Rows = 700, Columns = 10_007;
        string path = _directory.File("rows.safetensors");

        SafetensorsWriter.Write(path, [TensorSource.FromRows("t", DType.F32, [Rows, Columns], (row, values) =>
        {
            for (int i = 0; i < values.Length; i++)
            {
                values[i] = (row * Columns) + i;
            }
        })]);

        using SafetensorsFile file = SafetensorsFile.Open(path);
        Assert.Equal(Enumerable.Range(0, Rows * Columns).Select(i => (float)i), file.Get("t").Span.ToArray());
    }

    [Fact]
    public void A_failed_write_leaves_the_old_file_and_nothing_else()
    {
        string path = _directory.File("model.safetensors");
        File.WriteAllText(path, "old");
        TensorSource broken = TensorSource.FromRows("t", DType.F32, [2, 2], (row, _) => throw new InvalidDataException($"row {row}"));

        Assert.Throws<InvalidDataException>(() => SafetensorsWriter.Write(path, [broken]));

        Assert.Equal("old", File.ReadAllText(path));
        Assert.Single(Directory.GetFiles(_directory.Path));
    }

    [SharedDataFact("hf/safetensors")]
    public void Published_files_are_read_and_formats_without_kernels_are_refused_by_name()
    {
        using SafetensorsFile floats = SafetensorsFile.Open(SharedData.Get("hf/safetensors/tensor-3d-float32.safetensors"));
        TensorInfo info = Assert.Single(floats.Tensors).Value;
        Assert.Equal(3, info.Shape.Count);
        Tensor tensor = floats.Get(info.Name);
        Assert.Equal(info.ByteLength, tensor.ByteLength);

        using SafetensorsFile integers = SafetensorsFile.Open(SharedData.Get("hf/safetensors/tensor-1d-int32.safetensors"));
        string name = Assert.Single(integers.Tensors).Key;
        ModelFormatException refusal = Assert.Throws<ModelFormatException>(() => integers.Get(name));
        Assert.Contains($"'{name}' is I32", refusal.Message);
        Assert.Contains("BF16", refusal.Message);
    }

    [Theory]
    [InlineData("""{"t":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", 4, "outside of the 4 bytes")]
    [InlineData("""{"t":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}""", 4, "'t' is F32[2] but has 4 bytes")]
    [InlineData("""{"t":{"dtype":"Q9","shape":[1],"data_offsets":[0,4]}}""", 4, "unknown dtype 'Q9'")]
    [InlineData("""{"t":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}""", 4, "outside")]
    [InlineData("""{"t":{"dtype":"F32","shape":[1],"data_offsets":[-4,0]}}""", 4, "outside")]
    [InlineData("""{"t":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}""", 4, "F32[-1]")]
    [InlineData("""{"t":{"dtype":"F32","shape":[4611686018427387904,4611686018427387904],"data_offsets":[0,0]}}""", 0, "but has 0 bytes")]
    [InlineData("""{"t":{"dtype":"F32","shape":[1]}}""", 4, "needs dtype, shape and two data_offsets")]
    [InlineData("""{"t":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"u":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 4, "overlaps")]
    [InlineData("""{"t":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", 8, "hole")]
    [InlineData("""{"t":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 8, "4 bytes at the end")]
    [InlineData("""{"t":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"t":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", 8, "'t' is described twice")]
    [InlineData("""{"t":{"dtype":"F32","shape":[1.5],"data_offsets":[0,4]}}""", 4, "not valid")]
    [InlineData("""{"t":{"dtype":7,"shape":[1],"data_offsets":[0,4]}}""", 4, "not valid")]
    [InlineData("""{"t":[]}""", 0, "not valid")]
    [InlineData("""[]""", 0, "not valid")]
    [InlineData("""{"t":""", 0, "not valid")]
    [InlineData("""{} {}""", 0, "not valid")]
    public void A_damaged_header_is_refused_with_its_reason(string header, int dataBytes, string reason)
    {
        byte[] json = Encoding.UTF8.GetBytes(header);
        AssertRefused([.. Length((ulong)json.Length), .. json, .. new byte[dataBytes]], reason);
    }

    [Fact]
    public void A_file_shorter_than_it_claims_is_refused()
    {
        AssertRefused([], "empty");
        AssertRefused([1, 2, 3], "at least 8 bytes");
        AssertRefused([.. Length(100), .. new byte[50]], "claims 100 bytes");
        AssertRefused(Length(ulong.MaxValue), "limit");
        AssertRefused(Length(SafetensorsLimit + 1), "limit");
    }

    [Theory]
    [InlineData("""{"weight_map":{"t":"../model.safetensors"}}""", "not a plain file name")]
    [InlineData("""{"weight_map":{"t":"missing.safetensors"}}""", "'missing.safetensors' does not exist")]
    [InlineData("""{"weight_map":{"u":"one.safetensors"}}""", "'u' is not in 'one.safetensors'")]
    [InlineData("""{"weight_map":{"t":"one.safetensors","t":"one.safetensors"}}""", "twice")]
    [InlineData("""{"weight_map":{"t":3}}""", "not valid")]
    [InlineData("""{}""", "not valid")]
    public void A_damaged_index_is_refused_with_its_reason(string index, string reason)
    {
        using Tensor tensor = Tensor.From(1, 1, [1]);
        SafetensorsWriter.Write(_directory.File("one.safetensors"), [TensorSource.FromTensor("t", tensor, DType.F32)]);
        string path = _directory.File(ShardedSafetensors.IndexName);
        File.WriteAllText(path, index);

        ModelFormatException refusal = Assert.Throws<ModelFormatException>(() => ShardedSafetensors.Open(path));

        Assert.Contains(reason, refusal.Message);
    }

    private const ulong SafetensorsLimit = 100_000_000;

    private static byte[] Length(ulong value)
    {
        byte[] bytes = new byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
        return bytes;
    }

    private void AssertRefused(byte[] content, string reason)
    {
        string path = _directory.File("bad.safetensors");
        File.WriteAllBytes(path, content);
        ModelFormatException refusal = Assert.Throws<ModelFormatException>(() => SafetensorsFile.Open(path));
        Assert.StartsWith(path, refusal.Message);
        Assert.Contains(reason, refusal.Message);
    }
}
