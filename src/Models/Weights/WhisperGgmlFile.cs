using System.Buffers.Binary;
using System.Text;
using Inference.Models.Architectures;
using Inference.Tensors;

namespace Inference.Models.Weights;

/// <summary>
/// A file of whisper.cpp, memory-mapped: magic, eleven numbers, mel filters, vocabulary, tensors under OpenAI's names one after
/// the other, unaligned (models/convert-pt-to-ggml.py of that project). Everything is checked before it is used.
/// </summary>
public sealed class WhisperGgmlFile : ICheckpoint
{
    internal const uint Magic = 0x67676d6c;

    /// <summary>Quantised files have their version times this added to the format's number.</summary>
    internal const int QuantisationFactor = 1000;

    private const int MaxDimensions = 4, MaxNameLength = 256, MaxTokenLength = 1 << 16;

    private readonly MappedFile _map;
    private readonly Dictionary<string, TensorInfo> _tensors = [];
    private long _position;

    private WhisperGgmlFile(MappedFile map)
    {
        _map = map;
        if ((uint)Number("the magic number") != Magic)
        {
            throw new ModelFormatException(Path, "the file does not begin with the magic number of ggml");
        }

        Config = ReadConfig();
        (MelFilters, MelBins) = ReadFilters();
        Tokens = ReadTokens();
        while (_position < map.Length)
        {
            ReadTensor();
        }
    }

    /// <inheritdoc/>
    public string Path => _map.Path;

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, TensorInfo> Tensors => _tensors;

    /// <summary>Shape of the model.</summary>
    public WhisperConfig Config { get; }

    /// <summary>The filters [mels, bins] of the front end.</summary>
    public IReadOnlyList<float> MelFilters { get; }

    /// <summary>Bins of the filters.</summary>
    public int MelBins { get; }

    /// <summary>The bytes of the text tokens by id, in the order of their ranks; the special tokens follow and are not in the file.</summary>
    public IReadOnlyList<byte[]> Tokens { get; }

    /// <summary>Maps a file and checks it.</summary>
    /// <exception cref="ModelFormatException">The file is damaged or not of whisper.cpp.</exception>
    public static WhisperGgmlFile Open(string path)
    {
        MappedFile map = new(path);
        try
        {
            return new WhisperGgmlFile(map);
        }
        catch
        {
            map.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public Tensor Get(string name) => _tensors.TryGetValue(name, out TensorInfo? info)
        ? _map.Borrow(info)
        : throw new ModelFormatException(Path, $"there is no tensor '{name}'");

    /// <inheritdoc/>
    public void Dispose() => _map.Dispose();

    private WhisperConfig ReadConfig()
    {
        int vocabulary = Positive("the vocabulary's size"), audioContext = Positive("the audio context"), width = Positive("the encoder's width");
        int encoderHeads = Positive("the encoder's heads"), encoderLayers = Positive("the encoder's layers"), textContext = Positive("the text context");
        int textWidth = Positive("the decoder's width"), decoderHeads = Positive("the decoder's heads"), decoderLayers = Positive("the decoder's layers");
        int mels = Positive("the number of mels");
        Number("the format");
        if (textWidth != width || width % encoderHeads != 0 || width % decoderHeads != 0)
        {
            throw new ModelFormatException(Path, $"widths {width} and {textWidth} with {encoderHeads} and {decoderHeads} heads are not a Whisper model's");
        }

        return new WhisperConfig
        {
            MelCount = mels,
            HiddenSize = width,
            EncoderLayers = encoderLayers,
            EncoderHeads = encoderHeads,
            EncoderIntermediateSize = 4 * width,
            DecoderLayers = decoderLayers,
            DecoderHeads = decoderHeads,
            DecoderIntermediateSize = 4 * width,
            VocabularySize = vocabulary,
            AudioContext = audioContext,
            TextContext = textContext,
        };
    }

    private (float[] Filters, int Bins) ReadFilters()
    {
        int rows = Positive("the rows of the mel filters"), bins = Positive("the columns of the mel filters");
        ReadOnlySpan<byte> bytes = Bytes(4L * rows * bins, "the mel filters");
        float[] filters = new float[rows * bins];
        for (int i = 0; i < filters.Length; i++)
        {
            filters[i] = BinaryPrimitives.ReadSingleLittleEndian(bytes[(4 * i)..]);
        }

        return (filters, bins);
    }

    private byte[][] ReadTokens()
    {
        int count = Number("the number of tokens");
        if (count < 0 || count > Config.VocabularySize)
        {
            throw new ModelFormatException(Path, $"the vocabulary has {count} tokens, the model {Config.VocabularySize}");
        }

        byte[][] tokens = new byte[count][];
        for (int i = 0; i < count; i++)
        {
            int length = Number($"the length of token {i}");
            tokens[i] = length is >= 0 and <= MaxTokenLength
                ? Bytes(length, $"token {i}").ToArray()
                : throw new ModelFormatException(Path, $"token {i} has {length} bytes");
        }

        return tokens;
    }

    private void ReadTensor()
    {
        int index = _tensors.Count, dimensions = Number($"the dimensions of tensor {index}"), nameLength = Number($"the name of tensor {index}");
        int typeId = Number($"the type of tensor {index}");
        if (dimensions is < 1 or > MaxDimensions || nameLength is < 1 or > MaxNameLength)
        {
            throw new ModelFormatException(Path, $"tensor {index} has {dimensions} dimensions and a name of {nameLength} bytes");
        }

        long[] shape = new long[dimensions];
        for (int i = dimensions - 1; i >= 0; i--)
        {
            shape[i] = Positive($"a dimension of tensor {index}");
        }

        string name = Encoding.UTF8.GetString(Bytes(nameLength, $"the name of tensor {index}"));
        GgufTensorType type = GgufTensorType.Find((uint)typeId) ?? throw new ModelFormatException(Path, $"tensor '{name}' has the unknown type {typeId}");
        if (shape[^1] % type.BlockLength != 0)
        {
            throw new ModelFormatException(Path, $"tensor '{name}' has rows of {shape[^1]}, no multiple of the {type.BlockLength} of {type.Name}");
        }

        Int128 bytes = shape[..^1].Aggregate((Int128)(shape[^1] / type.BlockLength) * type.BlockBytes, (product, n) => product * n);
        long offset = _position;
        _position = bytes <= _map.Length - _position
            ? _position + (long)bytes
            : throw new ModelFormatException(Path, $"tensor '{name}' has {bytes} bytes at {offset}, more than the file");
        if (!_tensors.TryAdd(name, new TensorInfo(name, shape, type.Name, type.Type, offset, (long)bytes)))
        {
            throw new ModelFormatException(Path, $"tensor '{name}' occurs twice");
        }
    }

    private int Positive(string what)
    {
        int value = Number(what);
        return value is > 0 and <= 1 << 24 ? value : throw new ModelFormatException(Path, $"{what} is {value}");
    }

    private int Number(string what) => BinaryPrimitives.ReadInt32LittleEndian(Bytes(4, what));

    private unsafe ReadOnlySpan<byte> Bytes(long count, string what)
    {
        if (count > _map.Length - _position || count > int.MaxValue)
        {
            throw new ModelFormatException(Path, $"the file ends within {what}");
        }

        ReadOnlySpan<byte> bytes = new(_map.Data + _position, (int)count);
        _position += count;
        return bytes;
    }
}
