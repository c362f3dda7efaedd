using Inference.Models.Lora;
using Inference.Tensors;
using Inference.Training.Checkpoints;
using Inference.Training.Data;
using Inference.Training.Optimisation;

namespace Inference.Training.FineTuning;

/// <summary>
/// Trains an adapter over a frozen base: supervised or by preferences. Every number follows from the options, the data and the base: a
/// run that was interrupted and resumed, with other threads too, ends with the bytes of one that was not.
/// </summary>
public sealed class FineTuner : IDisposable
{
    private readonly FineTuningRun _run;
    private readonly FineTuningOptions _options;
    private readonly FineTuningData _data;
    private readonly IBackend _backend;
    private readonly AdaptedModel _model;
    private readonly TrainingPass _pass;
    private readonly Objective _objective;
    private readonly AdamW _optimiser;
    private readonly ParameterSet _bestParameters;
    private readonly EpochOrder _order;
    private readonly CosineSchedule _schedule;
    private readonly CheckpointDirectory _checkpoints;
    private TrainingState _state;

    private FineTuner(FineTuningRun run, IBackend backend)
    {
        (_run, _options, _backend) = (run, run.Options, backend);
        _model = AdaptedModel.Open(run.Model, backend, _options.Lora, _options.MaxSequenceLength, _options.Seed);
        _options.Check(_model.Config);
        run.Data.Check(_options.Method, _options.MaxSequenceLength);
        _data = run.Data.HoldOut(_options.ValidationShare, _options.Seed);
        _pass = new TrainingPass(_model.Layers, backend, _options.MicroBatchRows, _options.HeadChunkRows, _options.GradientCheckpointing);
        _objective = new Objective(_options, _model, _pass);
        _optimiser = new AdamW(_model.Parameters, _options.AdamW);
        _bestParameters = _data.Validation.Count > 0 ? _model.Parameters.ZerosLike() : new ParameterSet([]);
        _order = new EpochOrder(_data.Training.Count, _options.Seed);
        _checkpoints = new CheckpointDirectory(Path.Combine(run.Directory, "checkpoints"), _options.KeepCheckpoints);
        long items = (long)_data.Training.Count * _options.Epochs;
        int steps = (int)Math.Min(_options.MaxSteps ?? int.MaxValue, (items + _options.BatchSize - 1) / _options.BatchSize);
        _schedule = new CosineSchedule(_options.LearningRate, _options.LearningRate / 10, (int)(steps * _options.WarmupRatio), steps);
        _state = new TrainingState(0, 0, 0, RunIdentity.Of(run.Model, _model.Config, _options), _data.Hash());
    }

    private bool StopsEarly => _options.EarlyStoppingPatience is int patience && _state.Best?.Since >= patience;

    /// <summary>Runs to the end, from a checkpoint where there is one.</summary>
    /// <param name="run">What to read, how to train, where to write.</param>
    /// <param name="backend">A backend that nothing else uses meanwhile.</param>
    /// <param name="cancellation">Stops between steps, after a checkpoint of the last one.</param>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    /// <exception cref="ArgumentException">An option is out of its range, an example too long, or no module matches.</exception>
    /// <exception cref="Models.Weights.ModelFormatException">The base is damaged, or of an architecture that cannot be fine-tuned.</exception>
    /// <exception cref="InvalidDataException">The checkpoint is of another run, or the numbers are no longer finite.</exception>
    public static FineTuningResult Run(FineTuningRun run, IBackend backend, CancellationToken cancellation)
    {
        using FineTuner tuner = new(run, backend);
        return tuner.Run(cancellation);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _pass.Dispose();
        _optimiser.Dispose();
        _bestParameters.Dispose();
        _model.Dispose();
    }

    private FineTuningResult Run(CancellationToken cancellation)
    {
        Resume();
        int saved = _state.Step;
        StepMetrics? last = null;
        while (_state.Step < _schedule.TotalSteps && !StopsEarly)
        {
            if (cancellation.IsCancellationRequested)
            {
                if (last is not null && saved < _state.Step)
                {
                    Save(last);
                }

                cancellation.ThrowIfCancellationRequested();
            }

            last = Step();
            bool ends = _state.Step == _schedule.TotalSteps;
            if (_data.Validation.Count > 0 && (ends || _state.Step % _options.EvaluateEvery == 0))
            {
                last = Evaluate(last);
            }

            _run.Stepped(last);
            if (ends || StopsEarly || _state.Step % _options.CheckpointEvery == 0)
            {
                Save(last);
                saved = _state.Step;
            }
        }

        string directory = Path.Combine(_run.Directory, "adapter");
        WriteAdapter(directory, _state.Best is null ? _model.Parameters : _bestParameters);
        return new FineTuningResult(directory, _state.Best?.Step ?? _state.Step, _state.Step, _state.Rows, _state.Loss ?? 0, _state.Best?.Loss);
    }

    private void Resume()
    {
        TrainingState? found = _run.Checkpoint is null
            ? _checkpoints.Load(Sets())
            : CheckpointDirectory.Read(_run.Checkpoint, Sets()) ?? throw new InvalidDataException($"{_run.Checkpoint} is not a whole checkpoint");
        if (found is null)
        {
            return;
        }

        if (found.ConfigHash != _state.ConfigHash || found.DataHash != _state.DataHash)
        {
            string what = found.DataHash != _state.DataHash ? "data" : "base or options";
            throw new InvalidDataException($"the checkpoint of step {found.Step} was made with other {what}: its results would differ");
        }

        _state = found;
    }

    private StepMetrics Step()
    {
        long started = _run.Time.GetTimestamp(), all = (long)_data.Training.Count * _options.Epochs, cursor = _state.Cursor;
        int count = (int)Math.Min(_options.BatchSize, Math.Max(1, all - cursor)), step = _state.Step + 1;
        List<PackedBatch> batches = MicroBatches.Pack(
            Enumerable.Range(0, count).Select(i => _data.Training[_order.At(cursor + i)]), _options.MicroBatchRows);
        double weight = _objective.WeightOf(batches);
        float scale = weight > 0 ? (float)(1 / weight) : 0;
        _model.Gradients.Clear();
        BatchTotals totals = default;
        for (int i = 0; i < batches.Count; i++)
        {
            totals += _objective.AddGradients(batches[i], scale, DropoutSeed(step, i));
        }

        float learningRate = _schedule.At(step);
        double norm = _optimiser.Step(_backend, _model.Gradients, learningRate, step);
        if (!double.IsFinite(norm) || !double.IsFinite(totals.Loss))
        {
            throw new InvalidDataException($"step {step} has a loss of {totals.MeanLoss} and a gradient norm of {norm}: training diverged; lower the learning rate ({_options.LearningRate})");
        }

        _state = _state with { Step = step, Cursor = cursor + count, Rows = _state.Rows + totals.Rows, Loss = totals.MeanLoss };
        return new StepMetrics
        {
            Step = step,
            TotalSteps = _schedule.TotalSteps,
            Epoch = _state.Cursor / (double)_data.Training.Count,
            Loss = totals.MeanLoss,
            Accuracy = totals.Accuracy,
            LearningRate = learningRate,
            GradientNorm = norm,
            Tokens = _state.Rows,
            TokensPerSecond = totals.Rows / Math.Max(1e-9, _run.Time.GetElapsedTime(started).TotalSeconds),
            MemoryBytes = Environment.WorkingSet,
        };
    }

    private ulong DropoutSeed(int step, int microBatch) => ((ulong)(uint)_options.Seed << 48) ^ ((ulong)(uint)step << 16) ^ (uint)microBatch;

    private StepMetrics Evaluate(StepMetrics metrics)
    {
        BatchTotals totals = default;
        foreach (PackedBatch batch in MicroBatches.Pack(_data.Validation, _options.MicroBatchRows))
        {
            totals += _objective.Evaluate(batch);
        }

        if (_state.Best is null || totals.MeanLoss < _state.Best.Loss)
        {
            _state = _state with { Best = new BestEvaluation(_state.Step, totals.MeanLoss, 0) };
            foreach ((string name, Tensor parameter) in _model.Parameters.Entries)
            {
                _backend.Copy(parameter, _bestParameters[name]);
            }
        }
        else
        {
            _state = _state with { Best = _state.Best with { Since = _state.Best.Since + 1 } };
        }

        return metrics with { ValidationLoss = totals.MeanLoss, ValidationAccuracy = totals.Accuracy };
    }

    private void Save(StepMetrics metrics)
    {
        string directory = _checkpoints.Save(_state, Sets(), temporary => WriteAdapter(temporary, _model.Parameters));
        _run.Saved(new SavedCheckpoint(_state.Step, directory, metrics));
    }

    private void WriteAdapter(string directory, ParameterSet parameters)
    {
        IReadOnlyList<LoraModule> modules = _model.ToModules(parameters);
        PeftAdapter.Write(directory, _options.Lora, modules);
        foreach (LoraModule module in modules)
        {
            module.A.Dispose();
            module.B.Dispose();
            module.Magnitude?.Dispose();
        }
    }

    private ParameterSet[] Sets() => [_model.Parameters, _optimiser.M, _optimiser.V, _bestParameters];
}
