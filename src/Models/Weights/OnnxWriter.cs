using System.Buffers.Binary;
using System.Text;

namespace Inference.Models.Weights;

/// <summary>Writes ONNX files (IR version 8, operator set 17): tensors in F32 and operations. A file appears whole or not at all.</summary>
public sealed class OnnxWriter
{
    private const int Float = 1, Int64 = 7;

    private readonly MemoryStream _graph = new();

    /// <summary>A tensor that the graph's operations read.</summary>
    public void AddTensor(string name, ReadOnlySpan<float> values, params ReadOnlySpan<int> shape)
    {
        byte[] bytes = new byte[values.Length * sizeof(float)];
        for (int i = 0; i < values.Length; i++)
        {
            BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(i * sizeof(float)), values[i]);
        }

        Add(name, Float, bytes, shape);
    }

    /// <summary>A list of integers that the graph's operations read.</summary>
    public void AddIntegers(string name, params ReadOnlySpan<long> values)
    {
        byte[] bytes = new byte[values.Length * sizeof(long)];
        for (int i = 0; i < values.Length; i++)
        {
            BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(i * sizeof(long)), values[i]);
        }

        Add(name, Int64, bytes, [values.Length]);
    }

    /// <summary>An operation.</summary>
    /// <param name="type">"Conv".</param>
    /// <param name="name">Its name, may be empty.</param>
    /// <param name="inputs">Names of values.</param>
    /// <param name="outputs">Names of values.</param>
    /// <param name="attributes">Each an int, a float, a string or a list of ints.</param>
    public void AddNode(string type, string name, string[] inputs, string[] outputs, params ReadOnlySpan<(string Name, object Value)> attributes)
    {
        using MemoryStream node = new();
        Array.ForEach(inputs, value => Text(node, 1, value));
        Array.ForEach(outputs, value => Text(node, 2, value));
        Text(node, 3, name);
        Text(node, 4, type);
        foreach ((string key, object value) in attributes)
        {
            Bytes(node, 5, Attribute(key, value));
        }

        Bytes(_graph, 1, node.ToArray());
    }

    /// <summary>A value that callers give, in F32; dimensions of -1 are free.</summary>
    public void AddInput(string name, params ReadOnlySpan<int> shape) => AddValue(11, name, Float, shape);

    /// <summary>A list of integers that callers give.</summary>
    public void AddIntegerInput(string name, params ReadOnlySpan<int> shape) => AddValue(11, name, Int64, shape);

    /// <summary>A value that callers get, in F32.</summary>
    public void AddOutput(string name, params ReadOnlySpan<int> shape) => AddValue(12, name, Float, shape);

    /// <summary>Writes the file.</summary>
    public void Write(string path)
    {
        Text(_graph, 2, "graph");
        using MemoryStream set = new(), model = new();
        Number(set, 2, 17);
        Number(model, 1, 8);
        Bytes(model, 8, set.ToArray());
        Bytes(model, 7, _graph.ToArray());
        AtomicFile.Write(path, model.WriteTo);
    }

    private static byte[] Attribute(string key, object value)
    {
        using MemoryStream attribute = new();
        Text(attribute, 1, key);
        switch (value)
        {
            case int number:
                Number(attribute, 3, number);
                Number(attribute, 20, 2);
                break;
            case float number:
                Varint(attribute, (2 << 3) | 5);
                attribute.Write(BitConverter.GetBytes(number));
                Number(attribute, 20, 1);
                break;
            case string text:
                Text(attribute, 4, text);
                Number(attribute, 20, 3);
                break;
            case int[] numbers:
                Array.ForEach(numbers, number => Number(attribute, 8, number));
                Number(attribute, 20, 7);
                break;
            default:
                throw new ArgumentException($"attribute '{key}' is a {value.GetType()}", nameof(value));
        }

        return attribute.ToArray();
    }

    private void Add(string name, int type, byte[] bytes, ReadOnlySpan<int> shape)
    {
        using MemoryStream tensor = new();
        foreach (int n in shape)
        {
            Number(tensor, 1, n);
        }

        Number(tensor, 2, type);
        Text(tensor, 8, name);
        Bytes(tensor, 9, bytes);
        Bytes(_graph, 5, tensor.ToArray());
    }

    private void AddValue(int field, string name, int type, ReadOnlySpan<int> shape)
    {
        using MemoryStream dimensions = new(), tensorType = new(), valueType = new(), value = new();
        for (int i = 0; i < shape.Length; i++)
        {
            using MemoryStream dimension = new();
            if (shape[i] < 0)
            {
                Text(dimension, 2, $"{name}_{i}");
            }
            else
            {
                Number(dimension, 1, shape[i]);
            }

            Bytes(dimensions, 1, dimension.ToArray());
        }

        Number(tensorType, 1, type);
        Bytes(tensorType, 2, dimensions.ToArray());
        Bytes(valueType, 1, tensorType.ToArray());
        Text(value, 1, name);
        Bytes(value, 2, valueType.ToArray());
        Bytes(_graph, field, value.ToArray());
    }

    private static void Number(Stream stream, int field, long number)
    {
        Varint(stream, (ulong)field << 3);
        Varint(stream, (ulong)number);
    }

    private static void Text(Stream stream, int field, string text) => Bytes(stream, field, Encoding.UTF8.GetBytes(text));

    private static void Bytes(Stream stream, int field, ReadOnlySpan<byte> bytes)
    {
        Varint(stream, ((ulong)field << 3) | 2);
        Varint(stream, (ulong)bytes.Length);
        stream.Write(bytes);
    }

    private static void Varint(Stream stream, ulong value)
    {
        for (; value > 127; value >>= 7)
        {
            stream.WriteByte((byte)(value | 128));
        }

        stream.WriteByte((byte)value);
    }
}
