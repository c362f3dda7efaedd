using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using Inference.Tensors;

namespace Inference.Models.Weights;

/// <summary>Writes safetensors files: F32, F16 and BF16. A file appears whole or not at all.</summary>
public static class SafetensorsWriter
{
    /// <summary>Writes one file.</summary>
    /// <exception cref="ArgumentException">A name occurs twice, or a number format does not exist in safetensors.</exception>
    public static void Write(string path, IReadOnlyList<TensorSource> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        byte[] header = Header(tensors, metadata);
        AtomicFile.Write(path, stream =>
        {
            Span<byte> length = stackalloc byte[8];
            BinaryPrimitives.WriteInt64LittleEndian(length, header.Length);
            stream.Write(length);
            stream.Write(header);
            foreach (TensorSource tensor in tensors)
            {
                tensor.WriteTo(stream);
            }
        });
    }

    /// <summary>
    /// Writes `model.safetensors` into a directory, or, when the data exceeds <paramref name="maxShardBytes"/>, numbered
    /// shards of at most that size (one tensor at least) and their index.
    /// </summary>
    public static void WriteDirectory(string directory, IReadOnlyList<TensorSource> tensors, long maxShardBytes = 5_000_000_000)
    {
        List<List<TensorSource>> shards = Split(tensors, maxShardBytes);
        if (shards.Count == 1)
        {
            Write(Path.Combine(directory, "model.safetensors"), tensors);
            return;
        }

        Dictionary<string, string> fileOfTensor = [];
        for (int i = 0; i < shards.Count; i++)
        {
            string name = $"model-{i + 1:00000}-of-{shards.Count:00000}.safetensors";
            Write(Path.Combine(directory, name), shards[i]);
            shards[i].ForEach(tensor => fileOfTensor.Add(tensor.Name, name));
        }

        byte[] index = JsonSerializer.SerializeToUtf8Bytes(
            new { metadata = new { total_size = tensors.Sum(t => t.ByteLength) }, weight_map = fileOfTensor });
        AtomicFile.Write(Path.Combine(directory, ShardedSafetensors.IndexName), stream => stream.Write(index));
    }

    private static List<List<TensorSource>> Split(IReadOnlyList<TensorSource> tensors, long maxShardBytes)
    {
        List<List<TensorSource>> shards = [[]];
        long bytes = 0;
        foreach (TensorSource tensor in tensors)
        {
            if (bytes + tensor.ByteLength > maxShardBytes && shards[^1].Count > 0)
            {
                shards.Add([]);
                bytes = 0;
            }

            shards[^1].Add(tensor);
            bytes += tensor.ByteLength;
        }

        return shards;
    }

    private static byte[] Header(IReadOnlyList<TensorSource> tensors, IReadOnlyDictionary<string, string>? metadata)
    {
        Dictionary<string, object> header = [];
        if (metadata is not null)
        {
            header.Add("__metadata__", metadata);
        }

        long position = 0;
        foreach (TensorSource tensor in tensors)
        {
            if (tensor.Type is not (DType.F32 or DType.F16 or DType.BF16))
            {
                throw new ArgumentException($"safetensors cannot store '{tensor.Name}' as {tensor.Type}", nameof(tensors));
            }

            long end = position + tensor.ByteLength;
            header.Add(tensor.Name, new { dtype = tensor.Type.ToString(), shape = tensor.Shape, data_offsets = new[] { position, end } });
            position = end;
        }

        byte[] json = JsonSerializer.SerializeToUtf8Bytes(header);
        byte[] padding = Encoding.ASCII.GetBytes(new string(' ', (8 - (json.Length % 8)) % 8));
        return [.. json, .. padding];
    }
}
