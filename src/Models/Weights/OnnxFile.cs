using Inference.Tensors;

namespace Inference.Models.Weights;

/// <summary>
/// An ONNX file (onnx.proto3 of ONNX 1.x), memory-mapped: its initialisers and constants as tensors, and its operations. It is read,
/// not run. Tensors in other files are refused.
/// </summary>
public sealed unsafe class OnnxFile : ICheckpoint
{
    private const int MaxNodes = 200_000, MaxTensors = 100_000, MaxDimensions = 8, MaxValues = 1024;

    private readonly MappedFile _map;
    private readonly Dictionary<string, TensorInfo> _tensors = [];
    private readonly List<OnnxNode> _nodes = [];

    private OnnxFile(MappedFile map) => _map = map;

    /// <inheritdoc/>
    public string Path => _map.Path;

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, TensorInfo> Tensors => _tensors;

    /// <summary>The operations in the file's order.</summary>
    public IReadOnlyList<OnnxNode> Nodes => _nodes;

    /// <summary>Maps a file and reads its graph.</summary>
    /// <exception cref="ModelFormatException">It is damaged, too large, or keeps tensors in other files.</exception>
    public static OnnxFile Open(string path)
    {
        OnnxFile file = new(new MappedFile(path));
        try
        {
            file.ReadModel();
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public Tensor Get(string name) => _tensors.TryGetValue(name, out TensorInfo? info)
        ? _map.Borrow(info)
        : throw new ModelFormatException(Path, $"there is no tensor '{name}'");

    /// <inheritdoc/>
    public void Dispose() => _map.Dispose();

    private void ReadModel()
    {
        if (_map.Length > int.MaxValue)
        {
            throw new ModelFormatException(Path, $"an ONNX file has at most {int.MaxValue} bytes, this one {_map.Length}");
        }

        ProtobufReader model = new(Path, new ReadOnlySpan<byte>(_map.Data, (int)_map.Length), 0, (int)_map.Length);
        bool hasGraph = false;
        while (model.Next())
        {
            if (model.Field == 7)
            {
                hasGraph = true;
                ReadGraph(model.Message());
            }
        }

        if (!hasGraph)
        {
            throw new ModelFormatException(Path, "the file has no graph: it is not an ONNX model");
        }
    }

    private void ReadGraph(ProtobufReader graph)
    {
        while (graph.Next())
        {
            switch (graph.Field)
            {
                case 1:
                    ReadNode(graph.Message());
                    break;
                case 5:
                    Add(ReadTensor(graph.Message(), null));
                    break;
                default:
                    break;
            }
        }
    }

    private void ReadNode(ProtobufReader node)
    {
        string name = "", type = "";
        List<string> inputs = [], outputs = [];
        Dictionary<string, long[]> integers = [];
        TensorInfo? constant = null;
        while (node.Next())
        {
            switch (node.Field)
            {
                case 1:
                    inputs.Add(node.Text());
                    break;
                case 2:
                    outputs.Add(node.Text());
                    break;
                case 3:
                    name = node.Text();
                    break;
                case 4:
                    type = node.Text();
                    break;
                case 5:
                    ReadAttribute(node.Message(), integers, ref constant);
                    break;
                default:
                    break;
            }

            if (inputs.Count > MaxValues || outputs.Count > MaxValues || integers.Count > MaxValues)
            {
                throw node.Wrong($"node '{name}' has more than {MaxValues} inputs, outputs or attributes");
            }
        }

        if (_nodes.Count == MaxNodes)
        {
            throw node.Wrong($"the graph has more than {MaxNodes} nodes");
        }

        _nodes.Add(new OnnxNode(name, type, inputs, outputs, integers));
        if (type == "Constant" && constant is not null && outputs.Count == 1)
        {
            Add(constant with { Name = outputs[0] });
        }
    }

    private void ReadAttribute(ProtobufReader attribute, Dictionary<string, long[]> integers, ref TensorInfo? constant)
    {
        string name = "";
        List<long> values = [];
        while (attribute.Next())
        {
            switch (attribute.Field)
            {
                case 1:
                    name = attribute.Text();
                    break;
                case 3 or 8:
                    attribute.AddIntegers(values, MaxValues);
                    break;
                case 5:
                    constant = ReadTensor(attribute.Message(), "");
                    break;
                default:
                    break;
            }
        }

        if (values.Count > 0)
        {
            integers[name] = [.. values];
        }
    }

    private TensorInfo ReadTensor(ProtobufReader tensor, string? name)
    {
        List<long> shape = [];
        long type = 0;
        (int Start, int End)? data = null;
        bool isExternal = false;
        while (tensor.Next())
        {
            switch (tensor.Field)
            {
                case 1:
                    tensor.AddIntegers(shape, MaxDimensions);
                    break;
                case 2:
                    type = tensor.Number;
                    break;
                case 8:
                    name ??= tensor.Text();
                    break;
                case 4 or 9 when tensor.WireType == 2:
                    data = tensor.Range;
                    break;
                case 13:
                    isExternal = true;
                    break;
                case 14:
                    isExternal |= tensor.Number != 0;
                    break;
                default:
                    break;
            }
        }

        return isExternal
            ? throw tensor.Wrong($"tensor '{name}' lies in another file, which is not supported: save the model in one file")
            : Describe(tensor, name ?? "", shape, type, data);
    }

    /// <summary>A number format that is none of ours stays readable by name alone; its bytes are not believed.</summary>
    private static TensorInfo Describe(in ProtobufReader tensor, string name, List<long> shape, long type, (int Start, int End)? data)
    {
        (string stored, DType? format) = type switch
        {
            1 => ("FLOAT", DType.F32),
            10 => ("FLOAT16", DType.F16),
            16 => ("BFLOAT16", DType.BF16),
            _ => ($"type {type}", (DType?)null),
        };
        long elements = 1;
        foreach (long n in shape)
        {
            if (n < 0 || n > int.MaxValue || (elements > 0 && n > int.MaxValue / elements))
            {
                throw tensor.Wrong($"tensor '{name}' has the shape [{string.Join(", ", shape)}]; {int.MaxValue} numbers are the limit");
            }

            elements *= n;
        }

        if (format is null || (data is null && elements == 0))
        {
            return new TensorInfo(name, [.. shape], stored, null, 0, 0);
        }

        (int start, int end) = data ?? throw tensor.Wrong($"tensor '{name}' has no data, or not in one piece");
        long bytes = format.Value.RowBytes(1) * elements;
        return bytes == end - start
            ? new TensorInfo(name, [.. shape], stored, format, start, bytes)
            : throw tensor.Wrong($"tensor '{name}' is {stored}[{string.Join(", ", shape)}], {bytes} bytes, but has {end - start}");
    }

    private void Add(TensorInfo tensor)
    {
        if (_tensors.Count == MaxTensors)
        {
            throw new ModelFormatException(Path, $"the graph has more than {MaxTensors} tensors");
        }

        if (!_tensors.TryAdd(tensor.Name, tensor))
        {
            throw new ModelFormatException(Path, $"tensor '{tensor.Name}' is there twice");
        }
    }
}
