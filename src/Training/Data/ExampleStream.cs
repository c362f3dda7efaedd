namespace Inference.Training.Data;

/// <summary>
/// Endless batches of a data set, each epoch in an order of its own that the seed and the epoch's number decide.
/// <see cref="Cursor"/> is its entire state: set it, and the stream goes on as it would have.
/// </summary>
public sealed class ExampleStream
{
    private readonly IReadOnlyList<TrainingExample> _examples;
    private readonly int _rows;
    private readonly EpochOrder _order;

    /// <param name="examples">The data set.</param>
    /// <param name="rows">Most rows of a batch.</param>
    /// <param name="seed">Seed of the shuffles.</param>
    /// <exception cref="ArgumentException">There are no examples, or one is too short or too long.</exception>
    public ExampleStream(IReadOnlyList<TrainingExample> examples, int rows, int seed)
    {
        if (examples.Count == 0)
        {
            throw new ArgumentException("the data set has no examples", nameof(examples));
        }

        for (int i = 0; i < examples.Count; i++)
        {
            int length = examples[i].Tokens.Length;
            if (length < 2 || length - 1 > rows || examples[i].Weights.Length != length)
            {
                throw new ArgumentException(
                    $"example {i} has {length} tokens and {examples[i].Weights.Length} weights; a batch takes 2 to {rows + 1} of each", nameof(examples));
            }
        }

        _examples = examples;
        _rows = rows;
        _order = new EpochOrder(examples.Count, seed);
        DataHash = ExampleHash.Of(examples);
    }

    /// <summary>Examples drawn so far.</summary>
    public long Cursor { get; set; }

    /// <summary>SHA-256 of all tokens and weights, in hexadecimal.</summary>
    public string DataHash { get; }

    /// <summary>Number of examples.</summary>
    public int Count => _examples.Count;

    /// <summary>Draws examples until the next would not fit.</summary>
    public PackedBatch Next()
    {
        List<TrainingExample> drawn = [];
        int rows = 0;
        while (true)
        {
            TrainingExample example = _examples[_order.At(Cursor)];
            rows += example.Tokens.Length - 1;
            if (rows > _rows)
            {
                return PackedBatch.Pack(drawn);
            }

            drawn.Add(example);
            Cursor++;
        }
    }
}
