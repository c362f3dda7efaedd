using System.Buffers.Binary;
using System.Text.Json.Nodes;
using Inference.Tensors;

namespace Inference.Training;

/// <summary>Writes parameters as one safetensors file in BF16; norms as vectors, the rest as matrices.</summary>
public static class SafetensorsExport
{
    /// <summary>Writes the file beside its place, then renames it: a reader sees the old file or the new one.</summary>
    public static void Write(string path, ParameterSet parameters)
    {
        JsonObject header = new() { ["__metadata__"] = new JsonObject { ["format"] = "pt" } };
        long offset = 0;
        foreach ((string name, Tensor tensor) in parameters.Entries)
        {
            long end = offset + DType.BF16.RowBytes((long)tensor.Rows * tensor.Columns);
            header[name] = new JsonObject
            {
                ["dtype"] = "BF16",
                ["shape"] = tensor.Rows == 1 ? new JsonArray(tensor.Columns) : new JsonArray(tensor.Rows, tensor.Columns),
                ["data_offsets"] = new JsonArray(offset, end),
            };
            offset = end;
        }

        byte[] json = System.Text.Encoding.UTF8.GetBytes(header.ToJsonString());
        byte[] prefix = new byte[8 + ((json.Length + 7) / 8 * 8)];
        Array.Fill(prefix, (byte)' ');
        BinaryPrimitives.WriteInt64LittleEndian(prefix, prefix.Length - 8);
        json.CopyTo(prefix, 8);
        string temporary = path + ".writing";
        using (FileStream file = File.Create(temporary))
        {
            file.Write(prefix);
            foreach ((_, Tensor tensor) in parameters.Entries)
            {
                using Tensor half = Tensor.Allocate(tensor.Rows, tensor.Columns, DType.BF16);
                for (int row = 0; row < tensor.Rows; row++)
                {
                    half.WriteRow(row, tensor.Row(row));
                }

                file.Write(half.Bytes);
            }
        }

        File.Move(temporary, path, overwrite: true);
    }
}
