using Inference.Models;
using Inference.Models.Architectures;
using Inference.Models.Lora;
using Inference.Models.Weights;
using Inference.Tensors;
using Inference.Tensors.Cpu;
using Inference.TestSupport;
using Inference.Training.Data;
using Inference.Training.FineTuning;

namespace Inference.Training.Tests.FineTuning;

public sealed class FineTunerTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData(FineTuningMethod.Supervised, false, 0.2f)]
    [InlineData(FineTuningMethod.Supervised, true, 0)]
    [InlineData(FineTuningMethod.Dpo, false, 0.1f)]
    public void An_interrupted_and_resumed_run_gives_the_adapters_bytes_of_one_that_was_not(FineTuningMethod method, bool dora, float dropout)
    {
        FineTuningOptions options = TinyBase.Options with
        {
            Method = method,
            Lora = TinyBase.Options.Lora with { UseDora = dora, Dropout = dropout },
            ValidationShare = 0.2f,
            MicroBatchRows = 40,
        };
        FineTuningData data = new(method == FineTuningMethod.Dpo ? TinyBase.Pairs : TinyBase.Items, []);
        List<StepMetrics> whole = [], pieces = [];
        FineTuningResult expected = Run("whole", options, data, whole);

        // Stopped after step 2 by cancellation, again after step 5 as if by a crash: the checkpoint of step 3 is the last.
        using CancellationTokenSource stop = new();
        Assert.Throws<OperationCanceledException>(() => Run("pieces", options, data, pieces, m => Stop(m.Step == 2, stop), cancellation: stop.Token));
        Assert.Throws<IOException>(() => Run("pieces", options, data, pieces, m => Crash(m.Step == 5)));
        FineTuningResult actual = Run("pieces", options, data, pieces, threads: 2);

        Assert.Equal(Files(expected.Directory), Files(actual.Directory));
        Assert.Equal(expected with { Directory = "" }, actual with { Directory = "" });
        Assert.Equal([1, 2, 3, 4, 5, 4, 5, 6, 7], pieces.Take(9).Select(m => m.Step));
        Assert.Equal(whole.Select(Repeatable), pieces.DistinctBy(m => m.Step).Select(Repeatable));
        Assert.Contains(whole, m => m.ValidationLoss > 0);

        static void Stop(bool now, CancellationTokenSource source)
        {
            if (now)
            {
                source.Cancel();
            }
        }

        static void Crash(bool now)
        {
            if (now)
            {
                throw new IOException("crash");
            }
        }
    }

    [Theory]
    [InlineData(FineTuningMethod.Supervised, false, 0.2f, DType.BF16)]
    [InlineData(FineTuningMethod.Supervised, true, 0, DType.Q4_0)]
    [InlineData(FineTuningMethod.Dpo, true, 0.1f, DType.F32)]
    public void A_run_gives_the_same_bytes_where_the_host_does_not_reach_the_backends_memory(FineTuningMethod method, bool dora, float dropout, DType type)
    {
        FineTuningOptions options = TinyBase.Options with
        {
            Method = method,
            Lora = TinyBase.Options.Lora with { UseDora = dora, Dropout = dropout },
            ValidationShare = 0.2f,
            MaxSteps = 5,
        };
        string path = _directory.File("base.gguf");
        RandomModel.WriteGguf(path, TinyBase.Config with { Architecture = "qwen3" }, type, TinyBase.Seed);
        FineTuningData data = new(method == FineTuningMethod.Dpo ? TinyBase.Pairs : TinyBase.Items, []);
        List<StepMetrics> steps = [], isolatedSteps = [];

        FineTuningResult expected = Run("cpu", options, data, steps, model: path);
        using CancellationTokenSource stop = new();
        Assert.Throws<OperationCanceledException>(() => Run(
            "isolated", options, data, isolatedSteps, m => StopAfter(m, 2, stop), model: path, cancellation: stop.Token, isolated: true));
        FineTuningResult actual = Run("isolated", options, data, isolatedSteps, model: path, isolated: true);

        Assert.Equal(Files(expected.Directory), Files(actual.Directory));
        Assert.Equal(steps.Select(Repeatable), isolatedSteps.Select(Repeatable));

        static void StopAfter(StepMetrics metrics, int step, CancellationTokenSource source)
        {
            if (metrics.Step == step)
            {
                source.Cancel();
            }
        }
    }

    [Fact]
    public void A_step_waits_for_its_losses_and_for_the_norm_of_its_gradients()
    {
        string path = TinyBase.WriteHuggingFace(_directory.File("base"));
        FineTuningOptions options = TinyBase.Options with { Lora = TinyBase.Options.Lora with { Dropout = 0 } };
        using IsolatedBackend backend = new(new CpuBackend(1));
        using (AdaptedModel model = AdaptedModel.Open(path, backend, options.Lora, 12, seed: 1))
        using (TrainingPass pass = new(model.Layers, backend, 24, headChunkRows: 24, checkpointing: false))
        using (Optimisation.AdamW optimiser = new(model.Parameters, options.AdamW))
        {
            Objective objective = new(options, model, pass);
            PackedBatch batch = PackedBatch.Pack([.. TinyBase.Items.Take(2).Select(item => item[0])]);
            objective.AddGradients(batch, 1, dropoutSeed: 0);
            (int allocations, int uploads, int downloads) = (backend.Allocations, backend.Uploads, backend.Downloads);

            objective.AddGradients(batch, 1, dropoutSeed: 0);
            optimiser.Step(backend, model.Gradients, 0.01f, 1);

            Assert.Equal((allocations, uploads, downloads + 2), (backend.Allocations, backend.Uploads, backend.Downloads));
        }

        Assert.Equal(0, backend.Bytes);
    }

    [Fact]
    public void Accumulated_micro_batches_have_the_loss_and_the_gradients_of_one_big_batch()
    {
        List<StepMetrics> small = [], big = [];
        FineTuningOptions options = TinyBase.Options with { MaxSteps = 4 };

        Run("small", options with { MicroBatchRows = 11 }, TinyBase.Data, small);
        Run("big", options with { MicroBatchRows = 200 }, TinyBase.Data, big);

        Assert.Equal(4, big.Count);
        Assert.All(small.Zip(big), p =>
        {
            // The same sums in another order, in F32.
            Assert.Equal(p.Second.Loss, p.First.Loss, 1e-5);
            Assert.Equal(p.Second.GradientNorm, p.First.GradientNorm, 1e-4);
            Assert.Equal(p.Second.Tokens, p.First.Tokens);
        });
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Gradient_checkpointing_gives_the_same_bytes(bool dora)
    {
        FineTuningOptions options = TinyBase.Options with { Lora = TinyBase.Options.Lora with { UseDora = dora, Dropout = 0.1f }, MaxSteps = 4 };

        FineTuningResult kept = Run("kept", options), again = Run("again", options with { GradientCheckpointing = true });

        Assert.Equal(Files(kept.Directory), Files(again.Directory));
    }

    [Theory]
    [InlineData("llama", DType.Q8_0, false)]
    [InlineData("llama", DType.Q4_0, true)]
    [InlineData("qwen2", DType.Q8_0, false)]
    [InlineData("qwen3", DType.BF16, true)]
    [InlineData("llama", DType.F32, true)]
    public void The_trained_adapter_answers_when_served_as_it_did_in_training(string architecture, DType type, bool dora)
    {
        ModelConfig config = TinyBase.Config with { Architecture = architecture, AttentionBias = architecture == "qwen2" };
        string path = _directory.File("base.gguf");
        RandomModel.WriteGguf(path, config, type, TinyBase.Seed);
        byte[] before = File.ReadAllBytes(path);
        FineTuningData data = new(TinyBase.Items, TinyBase.Items);
        List<StepMetrics> steps = [];

        FineTuningResult result = Run("out", TinyBase.Options with { Epochs = 8, Lora = TinyBase.Options.Lora with { UseDora = dora } }, data, steps, model: path);

        Assert.True(result.ValidationLoss < 0.5 * steps[0].Loss, $"{steps[0].Loss} to {result.ValidationLoss}");
        Assert.Equal(before, File.ReadAllBytes(path));
        using CpuBackend backend = new(1);
        using ICausalModel model = ArchitectureRegistry.Load(path, backend);
        using AdapterWeights adapter = model.Bind(PeftAdapter.Open(result.Directory));

        // Serving rounds activations to 8 bits for quantised weights, and to BF16 for those.
        Assert.Equal(result.ValidationLoss!.Value, ServedLoss(model, adapter), type == DType.F32 ? 1e-4 : 0.1);
        Assert.True(ServedLoss(model, null) > 2 * result.ValidationLoss);
    }

    [Fact]
    public void Dpo_starts_from_the_base_and_makes_chosen_answers_likelier_than_rejected_ones()
    {
        List<StepMetrics> steps = [];

        Run("out", TinyBase.Options with { Method = FineTuningMethod.Dpo, Epochs = 6, MicroBatchRows = 40, DpoBeta = 0.5f }, new FineTuningData(TinyBase.Pairs, []), steps);

        Assert.Equal(Math.Log(2), steps[0].Loss, 1e-6);
        Assert.True(steps[^1].Loss < 0.3, $"{steps[^1].Loss}");
        Assert.Equal(1, steps[^1].Accuracy);
    }

    [Fact]
    public void The_best_evaluation_is_the_result_and_training_stops_when_no_better_one_comes()
    {
        // What is evaluated contradicts what is learned.
        FineTuningData data = new(TinyBase.Items, [.. TinyBase.Pairs.Select(p => (IReadOnlyList<TrainingExample>)[p[1]])]);
        List<StepMetrics> steps = [];

        FineTuningResult result = Run("out", TinyBase.Options with { Epochs = 20, EvaluateEvery = 1, EarlyStoppingPatience = 3 }, data, steps);

        StepMetrics best = steps.MinBy(s => s.ValidationLoss)!;
        Assert.Equal(best.Step, result.Step);
        Assert.Equal(best.ValidationLoss, result.ValidationLoss);
        Assert.Equal(best.Step + 3, result.Steps);
        Assert.True(result.Steps < steps[0].TotalSteps);
    }

    [Fact]
    public void Every_checkpoint_can_be_served_and_a_torn_one_falls_back_to_the_one_before()
    {
        List<string> saved = [];
        FineTuningOptions options = TinyBase.Options with { MaxSteps = 7 };
        FineTuningResult expected = Run("out", options, onSaved: c => saved.Add(c.Directory));
        byte[] adapter = Files(expected.Directory);
        Assert.Equal(["step-00000003", "step-00000006", "step-00000007"], saved.Select(Path.GetFileName));
        Assert.All(saved, checkpoint =>
        {
            using LoraAdapter served = PeftAdapter.Open(checkpoint);
            served.CheckFits(TinyBase.Config);
        });

        File.WriteAllBytes(Path.Combine(saved[^1], "tensors.bin"), [1, 2, 3]);
        List<StepMetrics> steps = [];
        FineTuningResult again = Run("out", options, TinyBase.Data, steps);

        Assert.Equal(7, Assert.Single(steps).Step);
        Assert.Equal(adapter, Files(again.Directory));
    }

    [Fact]
    public void A_checkpoint_of_other_options_or_data_is_refused()
    {
        FineTuningOptions options = TinyBase.Options with { MaxSteps = 3 };
        Run("out", options);

        Assert.Contains("base or options", Assert.Throws<InvalidDataException>(() => Run("out", options with { LearningRate = 0.1f })).Message);
        Assert.Contains("data", Assert.Throws<InvalidDataException>(
            () => Run("out", options, new FineTuningData([.. TinyBase.Items.Skip(1)], []))).Message);
    }

    [Theory]
    [InlineData("BatchSize", "0")]
    [InlineData("MicroBatchRows", "10")]
    [InlineData("DpoBeta", "11")]
    public void An_option_out_of_its_range_is_refused_by_name_and_value(string field, string value)
    {
        FineTuningOptions options = field switch
        {
            "BatchSize" => TinyBase.Options with { BatchSize = 0 },
            "DpoBeta" => TinyBase.Options with { DpoBeta = 11 },
            _ => TinyBase.Options with { MicroBatchRows = 10 },
        };

        string message = Assert.Throws<ArgumentException>(() => Run("out", options)).Message;

        Assert.Contains(field, message);
        Assert.Contains(value, message);
    }

    [Fact]
    public void Architectures_without_gradients_and_examples_that_are_too_long_are_refused()
    {
        string gemma = TinyBase.WriteHuggingFace(_directory.File("gemma"), DType.F32, TinyBase.Config with { Architecture = "gemma2" });

        Assert.Contains("gemma2", Assert.Throws<ModelFormatException>(() => Run("out", TinyBase.Options, model: gemma)).Message);
        Assert.Contains("13 tokens", Assert.Throws<ArgumentException>(
            () => Run("out", TinyBase.Options, new FineTuningData([[new TrainingExample(new int[13], new float[13])]], []))).Message);
        Assert.Contains("match no layer", Assert.Throws<ArgumentException>(
            () => Run("out", TinyBase.Options with { Lora = new LoraConfig { TargetModules = TargetModules.FromNames("c_attn") } })).Message);
    }

    [Fact]
    public void The_output_projection_too_can_have_an_adapter()
    {
        List<StepMetrics> steps = [];
        FineTuningOptions options = TinyBase.Options with { Epochs = 6, Lora = TinyBase.Options.Lora with { Dropout = 0.05f, TargetModules = TargetModules.FromNames("lm_head", "down_proj") } };

        FineTuningResult result = Run("out", options, TinyBase.Data, steps);

        using LoraAdapter adapter = PeftAdapter.Open(result.Directory);
        Assert.Equal(["lm_head", "model.layers.0.mlp.down_proj", "model.layers.1.mlp.down_proj"], adapter.Modules.Select(m => m.Name));
        Assert.True(steps[^1].Loss < 0.7 * steps[0].Loss, $"{steps[0].Loss} to {steps[^1].Loss}");
    }

    private static object Repeatable(StepMetrics m) => m with { TokensPerSecond = 0, MemoryBytes = 0 };

    private static byte[] Files(string directory) =>
        [.. File.ReadAllBytes(Path.Combine(directory, PeftAdapter.TensorsName)), .. File.ReadAllBytes(Path.Combine(directory, PeftConfigFile.Name))];

    /// <summary>Mean loss of the learned tokens by the path that serves.</summary>
    private static double ServedLoss(ICausalModel model, AdapterWeights? adapter)
    {
        double loss = 0, count = 0;
        foreach (TrainingExample example in TinyBase.Items.Select(item => item[0]))
        {
            using ModelSequence sequence = new(model, 16, adapter: adapter);
            for (int i = 0; i + 1 < example.Tokens.Length; i++)
            {
                float[] logits = sequence.Feed([example.Tokens[i]]);
                if (example.Weights[i + 1] > 0)
                {
                    double most = logits.Max();
                    loss += most + Math.Log(logits.Sum(l => Math.Exp(l - most))) - logits[example.Tokens[i + 1]];
                    count++;
                }
            }
        }

        return loss / count;
    }

    private FineTuningResult Run(
        string name, FineTuningOptions options, FineTuningData? data = null, List<StepMetrics>? steps = null, Action<StepMetrics>? then = null,
        Action<SavedCheckpoint>? onSaved = null, int threads = 1, string? model = null, CancellationToken cancellation = default, bool isolated = false)
    {
        string path = model ?? _directory.File("base");
        if (!Path.Exists(path))
        {
            TinyBase.WriteHuggingFace(path);
        }

        using IBackend backend = isolated ? new IsolatedBackend(new CpuBackend(threads)) : new CpuBackend(threads);
        FineTuningRun run = new()
        {
            Model = path,
            Data = data ?? TinyBase.Data,
            Options = options,
            Directory = _directory.File(name),
            Stepped = m =>
            {
                steps?.Add(m);
                then?.Invoke(m);
            },
            Saved = onSaved ?? (_ => { }),
        };
        return FineTuner.Run(run, backend, cancellation);
    }
}
