using System.Text.Json;
using Inference.Tensors;

namespace Inference.Models.Weights;

/// <summary>
/// The JSON header of a safetensors file: every tensor's format, shape and byte range, checked as the format demands
/// (unique names, known formats, ranges that tile the data without overlap or hole).
/// </summary>
internal sealed class SafetensorsHeader
{
    /// <summary>The format's own limit.</summary>
    public const long MaxBytes = 100_000_000;

    private static readonly Dictionary<string, int> Bits = new()
    {
        ["BOOL"] = 8,
        ["F4"] = 4,
        ["F6_E2M3"] = 6,
        ["F6_E3M2"] = 6,
        ["F8_E4M3"] = 8,
        ["F8_E5M2"] = 8,
        ["F8_E8M0"] = 8,
        ["I8"] = 8,
        ["U8"] = 8,
        ["I16"] = 16,
        ["U16"] = 16,
        ["F16"] = 16,
        ["BF16"] = 16,
        ["I32"] = 32,
        ["U32"] = 32,
        ["F32"] = 32,
        ["F64"] = 64,
        ["I64"] = 64,
        ["U64"] = 64,
        ["C64"] = 64,
    };

    private readonly string _file;
    private readonly long _dataStart;
    private readonly long _dataLength;

    private SafetensorsHeader(string file, long dataStart, long dataLength)
    {
        _file = file;
        _dataStart = dataStart;
        _dataLength = dataLength;
    }

    public Dictionary<string, TensorInfo> Tensors { get; } = [];

    public Dictionary<string, string> Metadata { get; } = [];

    /// <summary>Parses and checks a header. Tensors' offsets count from the start of the file.</summary>
    public static SafetensorsHeader Parse(string file, ReadOnlySpan<byte> json, long dataStart, long dataLength)
    {
        SafetensorsHeader header = new(file, dataStart, dataLength);
        try
        {
            header.ReadRoot(json);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            throw new ModelFormatException(file, $"the safetensors header is not valid: {e.Message}", e);
        }

        header.CheckTiling();
        return header;
    }

    private void ReadRoot(ReadOnlySpan<byte> json)
    {
        Utf8JsonReader reader = new(json);
        Expect(ref reader, JsonTokenType.StartObject);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string name = reader.GetString()!;
            if (name == "__metadata__")
            {
                ReadMetadata(ref reader);
            }
            else if (!Tensors.TryAdd(name, ReadTensor(ref reader, name)))
            {
                throw new ModelFormatException(_file, $"tensor '{name}' is described twice");
            }
        }

        while (reader.Read())
        {
            throw new JsonException("something follows the end of the header");
        }
    }

    private void ReadMetadata(ref Utf8JsonReader reader)
    {
        Expect(ref reader, JsonTokenType.StartObject);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string key = reader.GetString()!;
            Expect(ref reader, JsonTokenType.String);
            Metadata[key] = reader.GetString()!;
        }
    }

    private TensorInfo ReadTensor(ref Utf8JsonReader reader, string name)
    {
        string? type = null;
        List<long>? shape = null;
        List<long>? range = null;
        Expect(ref reader, JsonTokenType.StartObject);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string property = reader.GetString()!;
            reader.Read();
            switch (property)
            {
                case "dtype":
                    type = reader.GetString();
                    break;
                case "shape":
                    shape = ReadNumbers(ref reader, limit: 8);
                    break;
                case "data_offsets":
                    range = ReadNumbers(ref reader, limit: 2);
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        if (type is null || shape is null || range is not [long begin, long end])
        {
            throw new ModelFormatException(_file, $"tensor '{name}' needs dtype, shape and two data_offsets");
        }

        if (!Bits.TryGetValue(type, out int bits))
        {
            throw new ModelFormatException(_file, $"tensor '{name}' has the unknown dtype '{type}'");
        }

        if (begin < 0 || end < begin || end > _dataLength)
        {
            throw new ModelFormatException(_file, $"tensor '{name}' has bytes {begin} to {end}, outside of the {_dataLength} bytes of data");
        }

        Int128 expected = bits;
        foreach (long dimension in shape)
        {
            expected = dimension < 0 || expected > long.MaxValue ? -1 : expected * dimension;
        }

        if (expected < 0 || expected != (Int128)(end - begin) * 8)
        {
            throw new ModelFormatException(_file, $"tensor '{name}' is {type}[{string.Join(", ", shape)}] but has {end - begin} bytes");
        }

        DType? supported = type switch { "F32" => DType.F32, "F16" => DType.F16, "BF16" => DType.BF16, _ => null };
        return new TensorInfo(name, shape, type, supported, _dataStart + begin, end - begin);
    }

    private void CheckTiling()
    {
        long position = _dataStart;
        foreach (TensorInfo tensor in Tensors.Values.OrderBy(t => t.Offset).ThenBy(t => t.ByteLength))
        {
            if (tensor.Offset != position)
            {
                string fault = tensor.Offset < position ? "overlaps the tensor before it" : "leaves a hole before it";
                throw new ModelFormatException(_file, $"tensor '{tensor.Name}' at byte {tensor.Offset} {fault}, which ends at {position}");
            }

            position += tensor.ByteLength;
        }

        if (position != _dataStart + _dataLength)
        {
            throw new ModelFormatException(_file, $"{_dataStart + _dataLength - position} bytes at the end belong to no tensor");
        }
    }

    private static List<long> ReadNumbers(ref Utf8JsonReader reader, int limit)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            throw new JsonException("an array of numbers is missing");
        }

        List<long> numbers = [];
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            numbers.Add(reader.GetInt64());
            if (numbers.Count > limit)
            {
                throw new JsonException($"an array has more than {limit} numbers");
            }
        }

        return numbers;
    }

    private static void Expect(ref Utf8JsonReader reader, JsonTokenType type)
    {
        if (!reader.Read() || reader.TokenType != type)
        {
            throw new JsonException($"{type} expected, {reader.TokenType} found");
        }
    }
}
