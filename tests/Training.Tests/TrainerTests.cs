using Inference.Tensors.Cpu;
using Inference.Tensors.Reference;
using Inference.Training.Checkpoints;

namespace Inference.Training.Tests;

public sealed class TrainerTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("training-tests-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_run_that_was_interrupted_and_resumed_ends_with_the_bits_of_one_that_was_not(bool onCpuBackend)
    {
        CheckpointDirectory checkpoints = new(_directory);
        using Trainer whole = Create(onCpuBackend: onCpuBackend);
        StepResult[] expected = Run(whole, 9);

        using (Trainer interrupted = Create(onCpuBackend: onCpuBackend))
        {
            Run(interrupted, 4);
            interrupted.Save(checkpoints);
            Run(interrupted, 2);
        }

        using Trainer resumed = Create(onCpuBackend: onCpuBackend);
        Assert.True(resumed.Resume(checkpoints));
        StepResult[] actual = Run(resumed, 5);

        Assert.Equal(expected[4..], actual);
        Assert.Equal(Bits(whole), Bits(resumed));
        Assert.Equal(whole.Rows, resumed.Rows);
    }

    [Fact]
    public void The_loss_falls_on_data_that_can_be_learned()
    {
        using Trainer trainer = Create();

        StepResult[] results = Run(trainer, 30);

        Assert.True(results[^1].Loss < 0.6 * results[0].Loss, $"{results[0].Loss} to {results[^1].Loss}");
        Assert.Equal(0.001f, results[^1].LearningRate, 1e-6f);
    }

    [Theory]
    [InlineData("tensors.bin")]
    [InlineData("state.json")]
    public void A_torn_checkpoint_falls_back_to_the_one_before(string file)
    {
        CheckpointDirectory checkpoints = new(_directory);
        using Trainer trainer = Create();
        Run(trainer, 1);
        trainer.Save(checkpoints);
        Run(trainer, 1);
        trainer.Save(checkpoints);
        string torn = Path.Combine(_directory, "step-00000002", file);
        File.WriteAllBytes(torn, File.ReadAllBytes(torn)[..^9]);

        using Trainer resumed = Create();

        Assert.True(resumed.Resume(checkpoints));
        Assert.Equal(1, resumed.Steps);
    }

    [Fact]
    public void Without_a_checkpoint_there_is_nothing_to_resume()
    {
        using Trainer trainer = Create();

        Assert.False(trainer.Resume(new CheckpointDirectory(Path.Combine(_directory, "none"))));
    }

    [Fact]
    public void A_checkpoint_of_other_options_or_data_is_refused_unless_changes_are_allowed()
    {
        CheckpointDirectory checkpoints = new(_directory);
        using Trainer trainer = Create();
        Run(trainer, 1);
        trainer.Save(checkpoints);
        using Trainer otherOptions = Create(Tiny.Options with { MicroBatches = 4 });
        using Trainer otherData = new(Tiny.Config, Tiny.Options, [.. Tiny.Examples.Skip(1)], () => new ReferenceBackend());

        Assert.Contains("options", Assert.Throws<InvalidDataException>(() => otherOptions.Resume(checkpoints)).Message);
        Assert.Contains("data", Assert.Throws<InvalidDataException>(() => otherData.Resume(checkpoints)).Message);
        Assert.True(otherData.Resume(checkpoints, allowChanges: true));
        Assert.Equal(1, otherData.Steps);
    }

    [Fact]
    public void Only_the_newest_checkpoints_are_kept()
    {
        CheckpointDirectory checkpoints = new(_directory, keep: 2);
        using Trainer trainer = Create();
        for (int i = 0; i < 4; i++)
        {
            Run(trainer, 1);
            trainer.Save(checkpoints);
        }

        Assert.Equal(["step-00000003", "step-00000004"], Directory.GetDirectories(_directory).Select(d => Path.GetFileName(d)!).Order());
    }

    private static Trainer Create(TrainingOptions? options = null, bool onCpuBackend = false) => new(
        Tiny.Config, options ?? Tiny.Options, Tiny.Examples, () => onCpuBackend ? new CpuBackend(threads: 1) : new ReferenceBackend());

    private static StepResult[] Run(Trainer trainer, int steps) => [.. Enumerable.Range(0, steps).Select(_ => trainer.Step())];

    private static int[] Bits(Trainer trainer) =>
        [.. trainer.Parameters.Entries.SelectMany(e => e.Value.Span.ToArray()).Select(BitConverter.SingleToInt32Bits)];
}
