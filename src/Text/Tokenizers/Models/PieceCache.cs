using System.Numerics;

namespace Inference.Text.Tokenizers.Models;

/// <summary>
/// Remembers the ids of recent short pieces. Each piece has one slot, which a later piece may take over,
/// so the size never grows; entries are immutable, so threads share it without locks.
/// </summary>
internal sealed class PieceCache(int slots)
{
    /// <summary>Longer pieces are rare and are not kept.</summary>
    public const int MaxLength = 24;

    private readonly Entry?[] _slots = new Entry?[BitOperations.RoundUpToPowerOf2((uint)slots)];

    public bool TryGet(ReadOnlySpan<char> piece, out ReadOnlySpan<int> ids)
    {
        Entry? entry = Volatile.Read(ref Slot(piece));
        bool found = entry is not null && piece.SequenceEqual(entry.Piece);
        ids = found ? entry!.Ids : default;
        return found;
    }

    public void Add(ReadOnlySpan<char> piece, ReadOnlySpan<int> ids) =>
        Volatile.Write(ref Slot(piece), new Entry(piece.ToString(), ids.ToArray()));

    private ref Entry? Slot(ReadOnlySpan<char> piece) => ref _slots[string.GetHashCode(piece) & (_slots.Length - 1)];

    private sealed record Entry(string Piece, int[] Ids);
}
