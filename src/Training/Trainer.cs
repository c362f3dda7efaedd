using Inference.Models;
using Inference.Tensors;
using Inference.Training.Checkpoints;
using Inference.Training.Data;
using Inference.Training.Optimisation;

namespace Inference.Training;

/// <summary>
/// Full-parameter training of the Llama architecture. Each worker has a backend and gradients of its own, and gradients are
/// added in the order of the workers, so results do not depend on timing and a resumed run equals an uninterrupted one bit for bit.
/// </summary>
public sealed class Trainer : IDisposable
{
    private readonly ModelConfig _config;
    private readonly TrainingOptions _options;
    private readonly ExampleStream _data;
    private readonly IBackend[] _backends;
    private readonly LlamaReplica[] _replicas;
    private readonly AdamW _optimiser;

    /// <param name="config">Shape of the model.</param>
    /// <param name="options">How the run goes.</param>
    /// <param name="examples">The data set.</param>
    /// <param name="createBackend">Makes one single-threaded backend a worker; the trainer disposes of them.</param>
    public Trainer(ModelConfig config, TrainingOptions options, IReadOnlyList<TrainingExample> examples, Func<IBackend> createBackend)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Workers, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MicroBatches, options.Workers);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.MicroBatchRows, short.MaxValue);
        _config = config;
        _options = options;
        _data = new ExampleStream(examples, options.MicroBatchRows, options.Seed);
        Parameters = LlamaParameters.Create(config, options.Seed);
        _optimiser = new AdamW(Parameters, options.AdamW);
        _backends = [.. Enumerable.Range(0, options.Workers).Select(_ => createBackend())];
        _replicas = Array.ConvertAll(
            _backends, b => new LlamaReplica(config, Parameters, b, options.MicroBatchRows, options.HeadChunkRows));
    }

    /// <summary>The parameters, as they are after the last step.</summary>
    public ParameterSet Parameters { get; }

    /// <summary>Steps made.</summary>
    public int Steps { get; private set; }

    /// <summary>Input tokens seen.</summary>
    public long Rows { get; private set; }

    /// <summary>Epochs of the data set begun or passed, as a fraction.</summary>
    public double Epochs => _data.Cursor / (double)_data.Count;

    /// <summary>One optimiser step over <see cref="TrainingOptions.MicroBatches"/> micro-batches.</summary>
    public StepResult Step()
    {
        PackedBatch[] batches = [.. Enumerable.Range(0, _options.MicroBatches).Select(_ => _data.Next())];
        double weight = batches.Sum(b => b.Weights.Sum(w => (double)w));
        double[] losses = new double[_replicas.Length];
        float scale = weight > 0 ? (float)(1 / weight) : 0;
        Task.WaitAll([.. Enumerable.Range(0, _replicas.Length).Select(w => Task.Run(() => losses[w] = RunWorker(w, batches, scale)))]);

        ParameterSet gradients = _replicas[0].Gradients;
        foreach (LlamaReplica replica in _replicas.AsSpan(1))
        {
            foreach ((string name, Tensor gradient) in replica.Gradients.Entries)
            {
                _backends[0].Add(gradient, gradients[name]);
            }
        }

        Steps++;
        int rows = batches.Sum(b => b.Tokens.Length);
        Rows += rows;
        float learningRate = _options.Schedule.At(Steps);
        double norm = _optimiser.Step(_backends[0], gradients, learningRate, Steps);
        return new StepResult(Steps, losses.Sum() * scale, learningRate, norm, rows);
    }

    /// <summary>Saves everything that <see cref="Resume"/> needs, at a step's border.</summary>
    public void Save(CheckpointDirectory checkpoints) => checkpoints.Save(State(), Sets());

    /// <summary>
    /// Goes on from the latest whole checkpoint; false when there is none. Unless <paramref name="allowChanges"/>, the checkpoint must
    /// come from the same model, options and data. The schedule may always change: it depends on nothing but the step.
    /// </summary>
    /// <exception cref="InvalidDataException">The checkpoint is of another model, other options or other data.</exception>
    public bool Resume(CheckpointDirectory checkpoints, bool allowChanges = false)
    {
        if (checkpoints.Load(Sets()) is not { } state)
        {
            return false;
        }

        TrainingState own = State();
        if (!allowChanges && (state.ConfigHash != own.ConfigHash || state.DataHash != own.DataHash))
        {
            string what = state.ConfigHash != own.ConfigHash ? "model or options" : "data";
            throw new InvalidDataException($"checkpoint of step {state.Step} was made with other {what}: its results would differ");
        }

        Steps = state.Step;
        Rows = state.Rows;
        _data.Cursor = state.DataHash == own.DataHash ? state.Cursor : 0;
        return true;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (LlamaReplica replica in _replicas)
        {
            replica.Dispose();
        }

        foreach (IBackend backend in _backends)
        {
            backend.Dispose();
        }

        _optimiser.Dispose();
        Parameters.Dispose();
    }

    private double RunWorker(int worker, PackedBatch[] batches, float scale)
    {
        LlamaReplica replica = _replicas[worker];
        replica.Gradients.Clear();
        double loss = 0;
        for (int i = worker; i < batches.Length; i += _replicas.Length)
        {
            loss += replica.ForwardBackward(batches[i], scale);
        }

        return loss;
    }

    private TrainingState State() =>
        new(Steps, Rows, _data.Cursor, TrainingState.Hash(_config, _options with { Schedule = new CosineSchedule(0, 0, 0, 0) }), _data.DataHash);

    private ParameterSet[] Sets() => [Parameters, _optimiser.M, _optimiser.V];
}
