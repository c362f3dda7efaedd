using System.Text;

namespace Inference.Text.Tests.Tokenizers;

/// <summary>Reads only the metadata of a GGUF v3 file (ggml-org/ggml, docs/gguf.md).</summary>
internal static class GgufMetadataFile
{
    public static Dictionary<string, object> Read(string path)
    {
        using BinaryReader reader = new(File.OpenRead(path));
        Assert.Equal("GGUF", Encoding.ASCII.GetString(reader.ReadBytes(4)));
        Assert.Equal(3u, reader.ReadUInt32());
        reader.ReadInt64();
        long count = reader.ReadInt64();
        Dictionary<string, object> metadata = [];
        for (long i = 0; i < count; i++) metadata[Text(reader)] = Value(reader, reader.ReadUInt32());
        return metadata;
    }

    private static string Text(BinaryReader reader) => Encoding.UTF8.GetString(reader.ReadBytes((int)reader.ReadInt64()));

    private static object Value(BinaryReader reader, uint type) => type switch
    {
        0 => reader.ReadByte(),
        1 => reader.ReadSByte(),
        2 => reader.ReadUInt16(),
        3 => reader.ReadInt16(),
        4 => reader.ReadUInt32(),
        5 => reader.ReadInt32(),
        6 => reader.ReadSingle(),
        7 => reader.ReadByte() != 0,
        8 => Text(reader),
        9 => Items(reader, reader.ReadUInt32(), reader.ReadInt64()),
        10 => reader.ReadUInt64(),
        11 => reader.ReadInt64(),
        12 => reader.ReadDouble(),
        _ => throw new InvalidDataException($"GGUF type {type}"),
    };

    private static Array Items(BinaryReader reader, uint type, long count) => type switch
    {
        5 => Fill(count, reader.ReadInt32),
        6 => Fill(count, reader.ReadSingle),
        8 => Fill(count, () => Text(reader)),
        _ => Fill(count, () => Value(reader, type)),
    };

    private static T[] Fill<T>(long count, Func<T> read)
    {
        T[] items = new T[count];
        for (long i = 0; i < count; i++) items[i] = read();
        return items;
    }
}
