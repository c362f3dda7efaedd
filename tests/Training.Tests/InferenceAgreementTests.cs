using Inference.Models;
using Inference.Models.Architectures;
using Inference.Tensors;
using Inference.Tensors.Cpu;
using Inference.Tensors.Reference;
using Inference.Training.Data;

namespace Inference.Training.Tests;

/// <summary>What is trained is what is served: the loss of a replica is the loss under the logits of the model loaded from its files.</summary>
public sealed class InferenceAgreementTests : IDisposable
{
    private static readonly int[] Tokens = [1, 7, 3, 10, 0, 4, 9];

    private readonly string _directory = Directory.CreateTempSubdirectory("agreement-tests-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_replicas_loss_is_that_of_the_served_models_logits(bool onCpuBackend)
    {
        using ParameterSet parameters = LlamaParameters.Create(Tiny.Config, 5);
        foreach ((_, Tensor tensor) in parameters.Entries.Where(e => e.Value.Rows > 1))
        {
            foreach (ref float value in tensor.Span)
            {
                value *= 15;
            }
        }

        ModelWriter.WriteHuggingFace(_directory, Tiny.Config, DType.F32, (name, row, values) => parameters[name].Row(row).CopyTo(values));
        float[] weights = [.. Tokens.Select(_ => 1f)];
        using IBackend backend = onCpuBackend ? new CpuBackend(threads: 1) : new ReferenceBackend();
        using LlamaReplica replica = new(Tiny.Config, parameters, backend, rows: 8, headChunkRows: 4);

        double trained = replica.ForwardBackward(PackedBatch.Pack([new TrainingExample(Tokens, weights)]), 1);

        Assert.Equal(ServedLoss(), trained, 1e-4);
    }

    private double ServedLoss()
    {
        using ReferenceBackend backend = new();
        using ICausalModel model = ArchitectureRegistry.Load(_directory, backend);
        using KvCache cache = model.CreateKvCache(blockCount: 1, blockLength: 8);
        int rows = Tokens.Length - 1;
        int[] positions = [.. Enumerable.Range(0, rows)];
        using Tensor logits = Tensor.Allocate(rows, Tiny.Config.VocabularySize);
        model.Forward(
            new ForwardBatch
            {
                TokenIds = Tokens[..rows],
                Positions = positions,
                Slots = positions,
                Slices = [new AttentionSlice(0, rows, 0, new int[] { 0 })],
                LogitRows = positions,
            },
            cache, logits);
        double[] losses = new double[rows];
        backend.CrossEntropy(logits, Tokens.AsSpan(1), [.. Enumerable.Repeat(1f, rows)], 1, losses);
        return losses.Sum();
    }
}
