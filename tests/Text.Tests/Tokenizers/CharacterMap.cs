using System.Buffers.Binary;

namespace Inference.Text.Tests.Tokenizers;

/// <summary>SentencePiece character maps made by hand.</summary>
internal static class CharacterMap
{
    /// <summary>"a" becomes "x", "ab" becomes nothing.</summary>
    public static byte[] AToXAndAbToNothing()
    {
        const uint HasLeaf = 1u << 8, Leaf = 1u << 31;
        uint[] units = new uint[1024];
        // Offsets are to the node itself by exclusive or; children are at (node ^ offset) ^ label, a leaf at node ^ offset.
        uint root = 256, a = root ^ 'a', aLeaf = 512, ab = aLeaf ^ 'b', abLeaf = 768;
        units[0] = root << 10;
        units[a] = ((a ^ aLeaf) << 10) | HasLeaf | 'a';
        units[aLeaf] = Leaf | 0;
        units[ab] = ((ab ^ abLeaf) << 10) | HasLeaf | 'b';
        units[abLeaf] = Leaf | 2;
        byte[] map = new byte[4 + (units.Length * 4) + 3];
        BinaryPrimitives.WriteUInt32LittleEndian(map, (uint)units.Length * 4);
        for (int i = 0; i < units.Length; i++) BinaryPrimitives.WriteUInt32LittleEndian(map.AsSpan(4 + (i * 4)), units[i]);
        "x\0\0"u8.CopyTo(map.AsSpan(map.Length - 3));
        return map;
    }
}
