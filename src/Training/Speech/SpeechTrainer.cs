using System.Security.Cryptography;
using System.Text.Json;
using Inference.Models.Architectures;
using Inference.Tensors;
using Inference.Training.Checkpoints;
using Inference.Training.Optimisation;

namespace Inference.Training.Speech;

/// <summary>
/// Full-parameter training of the Whisper architecture on a stream of examples by number. The number of the next example, the
/// step and the tensors are all of its state: a resumed run equals an uninterrupted one bit for bit.
/// </summary>
public sealed class SpeechTrainer : IDisposable
{
    private readonly WhisperConfig _config;
    private readonly SpeechTrainingOptions _options;
    private readonly Func<long, SpeechExample> _example;
    private readonly string _dataName;
    private readonly IBackend _backend;
    private readonly WhisperReplica _replica;
    private readonly AdamW _optimiser;
    private long _cursor;

    /// <param name="config">Shape of the model.</param>
    /// <param name="options">How the run goes.</param>
    /// <param name="alignmentClasses">Classes of the examples' labels, and a blank.</param>
    /// <param name="example">Example by number, the same each time; no longer than a batch.</param>
    /// <param name="dataName">What tells the examples from others in a checkpoint.</param>
    /// <param name="backend">Stays the caller's.</param>
    public SpeechTrainer(
        WhisperConfig config, SpeechTrainingOptions options, int alignmentClasses, Func<long, SpeechExample> example, string dataName, IBackend backend)
    {
        (_config, _options, _example, _dataName, _backend) = (config, options, example, dataName, backend);
        Parameters = WhisperParameters.Create(config, alignmentClasses, options.Seed);
        _optimiser = new AdamW(Parameters, options.AdamW);
        _replica = new WhisperReplica(config, Parameters, backend, options.BatchFrames, options.BatchTokens);
    }

    /// <summary>The parameters, as they are after the last step.</summary>
    public ParameterSet Parameters { get; }

    /// <summary>Steps made.</summary>
    public int Steps { get; private set; }

    /// <summary>Examples drawn.</summary>
    public long Examples => _cursor;

    /// <summary>One optimiser step over the examples that fit into a batch.</summary>
    public SpeechStepResult Step()
    {
        List<SpeechExample> examples = [];
        int frames = 0, tokens = 0;
        while (true)
        {
            SpeechExample next = _example(_cursor);
            frames += next.Mel.Length / _config.MelCount;
            tokens += next.Tokens.Length - 1;
            if (frames > _options.BatchFrames || tokens > _options.BatchTokens)
            {
                break;
            }

            examples.Add(next);
            _cursor++;
        }

        if (examples.Count == 0)
        {
            throw new InvalidDataException($"example {_cursor} has {frames} frames and {tokens} tokens, more than a batch of {_options.BatchFrames} and {_options.BatchTokens}");
        }

        using SpeechBatch batch = SpeechBatch.Pack(examples, _config.MelCount);
        _replica.Gradients.Clear();
        (double text, double alignment) = _replica.ForwardBackward(batch, _options.AlignmentShare);
        Steps++;
        float rate = _options.Schedule.At(Steps);
        double norm = _optimiser.Step(_backend, _replica.Gradients, rate, Steps);
        return new SpeechStepResult(Steps, text, alignment, rate, norm, examples.Count);
    }

    /// <summary>Saves everything that <see cref="Resume"/> needs.</summary>
    public void Save(CheckpointDirectory checkpoints) => checkpoints.Save(State(), Sets());

    /// <summary>Goes on from the latest whole checkpoint; false when there is none. The schedule may change.</summary>
    /// <exception cref="InvalidDataException">The checkpoint is of another model, other options or other data.</exception>
    public bool Resume(CheckpointDirectory checkpoints)
    {
        if (checkpoints.Load(Sets()) is not { } state)
        {
            return false;
        }

        TrainingState own = State();
        if (state.ConfigHash != own.ConfigHash || state.DataHash != own.DataHash)
        {
            string what = state.ConfigHash != own.ConfigHash ? "model or options" : "data";
            throw new InvalidDataException($"checkpoint of step {state.Step} was made with other {what}: its results would differ");
        }

        (Steps, _cursor) = (state.Step, state.Cursor);
        return true;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _replica.Dispose();
        _optimiser.Dispose();
        Parameters.Dispose();
    }

    private TrainingState State() => new(Steps, _cursor, _cursor, Hash(_config, _options with { Schedule = new CosineSchedule(0, 0, 0, 0) }), Hash(_dataName));

    private static string Hash(params object[] values) =>
        Convert.ToHexStringLower(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(values)));

    private ParameterSet[] Sets() => [Parameters, _optimiser.M, _optimiser.V];
}
