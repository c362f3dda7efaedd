using Inference.Generation.Sampling;
using Inference.Models;
using Inference.Tensors;

namespace Inference.Generation.Speculation;

/// <summary>
/// A smaller model of the same vocabulary goes ahead, and what it chooses is the guess (Leviathan, Kalman, Matias, "Fast inference
/// from transformers via speculative decoding", 2023). It draws with the random number that the model itself will draw with, so that
/// guesses of drawn tokens are right about as often as the two distributions overlap. As many tokens are drafted as pay, by what both
/// models' steps have cost and how often guesses were right.
/// Its keys and values lie in blocks of the same numbers as the model's, so what sequences share there they share here; positions
/// that have no block yet go to spare ones. Where they do not fit the tokens, guesses get worse; tokens do not change.
/// </summary>
internal sealed class DraftModel : IDraftSource
{
    /// <summary>Rows of a step of this model up to which their costs are told apart.</summary>
    private const int MaxCostedRows = 64;

    private readonly ICausalModel _model;
    private readonly int _vocabularySize;
    private readonly int _blockLength;
    private readonly int _most;
    private readonly int _chunk;
    private readonly RowCosts _costs;
    private readonly double _relativeCost;
    private readonly TimeProvider _time;
    private readonly KvCache _cache;
    private readonly RowCosts _ownCosts = new(MaxCostedRows);
    private readonly SamplingScratch _scratch;
    private readonly float[] _row;
    private readonly Stack<int[]> _spare;
    private readonly Dictionary<Sequence, DraftLane> _lanes = [];
    private Readback _logits;

    /// <param name="model">The smaller model; stays the caller's.</param>
    /// <param name="target">The model whose tokens are guessed.</param>
    /// <param name="blockCount">Blocks of the model's cache.</param>
    /// <param name="most">Tokens of a guess at most.</param>
    /// <param name="options">Limits of the engine.</param>
    /// <param name="costs">What the model's steps take by their rows.</param>
    /// <param name="time">Clock.</param>
    public DraftModel(ICausalModel model, ICausalModel target, int blockCount, int most, LlmEngineOptions options, RowCosts costs, TimeProvider time)
    {
        (_model, _most, _costs, _time) = (model, most, costs, time);
        (_blockLength, _chunk, _vocabularySize) = (options.BlockLength, options.PrefillChunk, target.Config.VocabularySize);
        _relativeCost = Math.Max(1, model.WeightBytes) / (double)Math.Max(1, target.WeightBytes);
        int spare = (most + _blockLength - 1) / _blockLength;
        _spare = new Stack<int[]>(Enumerable.Range(blockCount, options.MaxRunning * spare).Chunk(spare));
        _cache = model.CreateKvCache(blockCount + (options.MaxRunning * spare), _blockLength, options.KvCacheType);
        _logits = model.CreateLogits(1);
        _scratch = new SamplingScratch(_vocabularySize);
        _row = new float[_vocabularySize];
    }

    public void Propose(IReadOnlyList<Sequence> decoding)
    {
        foreach (Sequence gone in _lanes.Keys.Except(decoding).ToArray())
        {
            _spare.Push(_lanes[gone].SpareBlocks);
            _lanes.Remove(gone);
        }

        foreach (Sequence sequence in decoding)
            sequence.Draft = default;
        Sequence[] guessed = [.. decoding.Where(s => Limit(s) > 0)];
        int length = guessed.Length == 0 ? 0 : DraftLength.ChooseAhead(_costs, OwnSeconds, decoding.Count, guessed, Limit, _most);
        if (length == 0)
        {
            foreach (Sequence sequence in guessed)
                sequence.Acceptance = DraftLength.Forget(sequence.Acceptance);
            return;
        }

        List<DraftLane> ready = CatchUp(guessed);
        List<DraftLane> ahead = [.. ready];
        while (ahead.RemoveAll(lane => lane.Guesses.Count >= Math.Min(length, Limit(lane.Sequence)) || lane.Guesses[^1] >= _model.Config.VocabularySize) >= 0
            && ahead.Count > 0)
        {
            Run([.. ahead.Select(lane => lane.Ahead())]);
        }

        foreach (DraftLane lane in ready)
            lane.Sequence.Draft = lane.Guesses.ToArray();
    }

    public void Dispose()
    {
        _logits.Dispose();
        _cache.Dispose();
    }

    /// <summary>Tokens that can be drafted after the known ones, which must fit this model's context and vocabulary too.</summary>
    private int Limit(Sequence sequence) =>
        Math.Min(Math.Min(_most, sequence.MaxDraft), _model.Config.ContextLength - sequence.TokenCount);

    /// <summary>What a step of this model takes; before it was measured, by the bytes of its weights.</summary>
    private double OwnSeconds(int rows) => _ownCosts.Nearest(rows) is null ? _relativeCost * _costs.Estimate(rows) : _ownCosts.Estimate(rows);

    /// <summary>Computes the tokens that this model has not seen, a chunk in a step at most. Returns the lanes that have them all, with a first guess.</summary>
    private List<DraftLane> CatchUp(Sequence[] sequences)
    {
        foreach (Sequence sequence in sequences)
        {
            if (!_lanes.TryGetValue(sequence, out DraftLane? lane))
                _lanes[sequence] = lane = new DraftLane(sequence, _spare.Pop(), _blockLength);
            lane.Synchronize();
        }

        int left = _chunk;
        List<DraftShare> shares = [];
        foreach (DraftLane lane in sequences.Select(s => _lanes[s]).OrderBy(l => l.Missing))
        {
            DraftShare share = lane.Next(Math.Min(lane.Missing, left));
            if (share.Tokens.Length > 0 && InVocabulary(share.Tokens))
                shares.Add(share);
            left -= share.Tokens.Length;
        }

        Run(shares);
        return [.. shares.Where(s => s.WantsLogits).Select(s => s.Lane)];
    }

    private bool InVocabulary(int[] tokens) => !tokens.AsSpan().ContainsAnyExceptInRange(0, _model.Config.VocabularySize - 1);

    private void Run(IReadOnlyList<DraftShare> shares)
    {
        if (shares.Count == 0)
            return;
        long began = _time.GetTimestamp();
        ForwardBatch batch = Batch(shares);
        if (batch.LogitRows.Length > _logits.Capacity)
        {
            _logits.Dispose();
            _logits = _model.CreateLogits(batch.LogitRows.Length);
        }

        _model.Forward(batch, _cache, _logits.Rows(batch.LogitRows.Length));
        _logits.Begin();
        Tensor logits = _logits.End();
        int row = 0;
        foreach (DraftShare share in shares)
        {
            share.Lane.Advance(share, share.WantsLogits ? share.Lane.Sequence.Answer!.Guess(Widen(logits.Row(row++)), share.Lane.Guesses.Count, _scratch) : null);
        }

        double seconds = _time.GetElapsedTime(began).TotalSeconds;
        if (seconds > 0 && batch.TokenIds.Length <= MaxCostedRows)
            _ownCosts.Learn(batch.TokenIds.Length, seconds);
    }

    /// <summary>Logits as wide as the model's: vocabularies are padded differently.</summary>
    private ReadOnlySpan<float> Widen(ReadOnlySpan<float> logits)
    {
        if (logits.Length == _row.Length)
            return logits;
        int common = Math.Min(logits.Length, _row.Length);
        logits[..common].CopyTo(_row);
        _row.AsSpan(common).Fill(-1e30f);
        return _row;
    }

    private ForwardBatch Batch(IReadOnlyList<DraftShare> shares)
    {
        List<int> positions = [], slots = [], logitRows = [];
        AttentionSlice[] slices = new AttentionSlice[shares.Count];
        for (int i = 0; i < slices.Length; i++)
        {
            DraftShare share = shares[i];
            slices[i] = new AttentionSlice(positions.Count, share.Tokens.Length, share.First, share.Lane.BlockTable);
            for (int position = share.First; position < share.First + share.Tokens.Length; position++)
            {
                positions.Add(position);
                slots.Add((share.Lane.BlockTable[position / _blockLength] * _blockLength) + (position % _blockLength));
            }

            if (share.WantsLogits)
                logitRows.Add(positions.Count - 1);
        }

        return new ForwardBatch
        {
            TokenIds = [.. shares.SelectMany(s => s.Tokens)],
            Positions = [.. positions],
            Slots = [.. slots],
            Slices = slices,
            LogitRows = [.. logitRows],
        };
    }
}
