namespace Inference.Generation.Speculation;

/// <summary>How far the <see cref="DraftModel"/> is with one sequence, and in which blocks.</summary>
/// <param name="sequence">The sequence.</param>
/// <param name="spareBlocks">Blocks that stand for the next ones of the sequence, as long as it does not have them.</param>
/// <param name="blockLength">Positions of a block.</param>
internal sealed class DraftLane(Sequence sequence, int[] spareBlocks, int blockLength)
{
    private readonly List<int> _guesses = [];
    private int[] _ownBlocks = [];
    private int _known;
    private int _computed;
    private int _computedGuesses;

    public Sequence Sequence { get; } = sequence;

    public int[] SpareBlocks { get; } = spareBlocks;

    /// <summary>Blocks in the order of positions: the sequence's, then the spare ones.</summary>
    public int[] BlockTable { get; private set; } = [];

    /// <summary>Tokens chosen after the known ones.</summary>
    public IReadOnlyList<int> Guesses => _guesses;

    /// <summary>Known tokens still to compute.</summary>
    public int Missing => _known - _computed;

    /// <summary>
    /// Begins a guess. What was computed holds as far as it was computed in blocks that are the sequence's still; guesses that were right
    /// hold too, and blocks of the prefix cache that were computed for another sequence. The last token is always computed again.
    /// </summary>
    public void Synchronize()
    {
        int same = _computed;
        for (int i = 0; same == _known + i && i < _computedGuesses && same < Sequence.TokenCount && Sequence.Tokens[same] == _guesses[i]; i++)
            same++;
        same = Math.Min(same, blockLength * Sequence.BlockTable.Span.CommonPrefixLength(_ownBlocks));
        for (int block = same / blockLength; block < Sequence.Path.Count && Sequence.Path[block].IsDrafted; block++)
            same = (block + 1) * blockLength;

        _ownBlocks = Sequence.BlockTable.ToArray();
        BlockTable = [.. _ownBlocks, .. SpareBlocks];
        _known = Sequence.TokenCount;
        _computed = Math.Min(same, _known - 1);
        _guesses.Clear();
        _computedGuesses = 0;
    }

    /// <summary>The next known tokens to compute.</summary>
    public DraftShare Next(int count) => new(this, _computed, Sequence.Tokens.Slice(_computed, count).ToArray(), count == Missing);

    /// <summary>The last guess, to compute.</summary>
    public DraftShare Ahead() => new(this, _known + _computedGuesses, [_guesses[^1]], true);

    /// <summary>Notes that a share was computed, and what was chosen after it; null where the share was not the last.</summary>
    public void Advance(DraftShare share, int? guess)
    {
        if (share.First >= _known)
            _computedGuesses++;
        else
            _computed += share.Tokens.Length;
        for (int block = (_computed / blockLength) - 1; block >= 0 && (block >= Sequence.Path.Count || !Sequence.Path[block].IsDrafted); block--)
        {
            if (block < Sequence.Path.Count)
                Sequence.Path[block].IsDrafted = true;
        }

        if (guess is { } token)
            _guesses.Add(token);
    }
}
