using System.Text;

namespace Inference.Models.Weights;

/// <summary>Writes GGUF files of version 3. A file appears whole or not at all.</summary>
public static class GgufWriter
{
    /// <summary>Writes metadata and tensors, in their order.</summary>
    /// <param name="path">The file.</param>
    /// <param name="metadata">Values: numbers, bools, strings, and arrays of these.</param>
    /// <param name="tensors">The tensors; 1 to 4 dimensions.</param>
    /// <exception cref="ArgumentException">A value has a type that GGUF lacks.</exception>
    public static void Write(string path, IReadOnlyDictionary<string, object> metadata, IReadOnlyList<TensorSource> tensors)
    {
        int alignment = metadata.TryGetValue(GgufFile.AlignmentKey, out object? value) ? checked((int)(uint)value) : GgufFile.DefaultAlignment;
        AtomicFile.Write(path, stream =>
        {
            using BinaryWriter writer = new(stream, Encoding.UTF8, leaveOpen: true);
            writer.Write(GgufFile.Magic);
            writer.Write(GgufFile.Version);
            writer.Write((ulong)tensors.Count);
            writer.Write((ulong)metadata.Count);
            foreach ((string key, object entry) in metadata)
            {
                Write(writer, key);
                writer.Write((uint)TypeOf(entry.GetType(), key));
                WriteValue(writer, entry, key);
            }

            WriteDescriptions(writer, tensors, alignment);
            writer.Flush();
            foreach (TensorSource tensor in tensors)
            {
                Pad(stream, alignment);
                tensor.WriteTo(stream);
            }

            Pad(stream, alignment);
        });
    }

    private static void WriteDescriptions(BinaryWriter writer, IReadOnlyList<TensorSource> tensors, int alignment)
    {
        long offset = 0;
        foreach (TensorSource tensor in tensors)
        {
            Write(writer, tensor.Name);
            writer.Write((uint)tensor.Shape.Count);
            foreach (int dimension in tensor.Shape.Reverse())
            {
                writer.Write((ulong)dimension);
            }

            writer.Write(GgufTensorType.IdOf(tensor.Type));
            writer.Write((ulong)offset);
            offset = GgufFile.Align(offset + tensor.ByteLength, alignment);
        }
    }

    private static void WriteValue(BinaryWriter writer, object value, string key)
    {
        switch (value)
        {
            case byte v: writer.Write(v); break;
            case sbyte v: writer.Write(v); break;
            case ushort v: writer.Write(v); break;
            case short v: writer.Write(v); break;
            case uint v: writer.Write(v); break;
            case int v: writer.Write(v); break;
            case float v: writer.Write(v); break;
            case bool v: writer.Write(v); break;
            case string v: Write(writer, v); break;
            case ulong v: writer.Write(v); break;
            case long v: writer.Write(v); break;
            case double v: writer.Write(v); break;
            case Array v: WriteArray(writer, v, key); break;
        }
    }

    private static void WriteArray(BinaryWriter writer, Array array, string key)
    {
        Type element = array.GetType().GetElementType()!;
        writer.Write((uint)(element == typeof(object) ? GgufValueType.Array : TypeOf(element, key)));
        writer.Write((ulong)array.Length);
        foreach (object value in array)
        {
            WriteValue(writer, value, key);
        }
    }

    private static GgufValueType TypeOf(Type type, string key) => Type.GetTypeCode(type) switch
    {
        TypeCode.Byte => GgufValueType.UInt8,
        TypeCode.SByte => GgufValueType.Int8,
        TypeCode.UInt16 => GgufValueType.UInt16,
        TypeCode.Int16 => GgufValueType.Int16,
        TypeCode.UInt32 => GgufValueType.UInt32,
        TypeCode.Int32 => GgufValueType.Int32,
        TypeCode.Single => GgufValueType.Float32,
        TypeCode.Boolean => GgufValueType.Bool,
        TypeCode.String => GgufValueType.String,
        TypeCode.UInt64 => GgufValueType.UInt64,
        TypeCode.Int64 => GgufValueType.Int64,
        TypeCode.Double => GgufValueType.Float64,
        _ => type.IsArray ? GgufValueType.Array : throw new ArgumentException($"'{key}' has the type {type.Name}, which GGUF lacks"),
    };

    private static void Write(BinaryWriter writer, string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        writer.Write((ulong)bytes.Length);
        writer.Write(bytes);
    }

    private static void Pad(Stream stream, int alignment)
    {
        long padding = GgufFile.Align(stream.Position, alignment) - stream.Position;
        stream.Write(new byte[padding]);
    }
}
