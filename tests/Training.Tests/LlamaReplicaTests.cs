using Inference.Tensors;
using Inference.Tensors.Reference;
using Inference.Training.Data;

namespace Inference.Training.Tests;

public sealed class LlamaReplicaTests
{
    private static readonly TrainingExample First = new([1, 2, 3, 4, 5], [0, 0, 1, 1, 1]);
    private static readonly TrainingExample Second = new([9, 2, 10, 7], [0, 0.5f, 1, 2]);

    [Fact]
    public void Gradients_of_every_tensor_agree_with_finite_differences_of_the_loss()
    {
        using ParameterSet parameters = LargeParameters();
        using LlamaReplica replica = Replica(parameters);
        PackedBatch batch = PackedBatch.Pack([First, Second]);
        replica.ForwardBackward(batch, 1);
        using ParameterSet gradients = parameters.ZerosLike();
        foreach ((string name, Tensor gradient) in replica.Gradients.Entries)
        {
            gradient.Span.CopyTo(gradients[name].Span);
        }

        foreach ((string name, Tensor gradient) in gradients.Entries)
        {
            double norm = Math.Sqrt(gradient.Span.ToArray().Sum(g => (double)g * g));
            double slope = Slope(parameters[name], gradient, norm, () => replica.ForwardBackward(batch, 1));

            Assert.True(norm > 1e-3, $"{name} has no gradient");
            Assert.True(Math.Abs(slope - norm) < 0.01 * norm, $"{name}: slope {slope} along the gradient, norm {norm}");
        }
    }

    [Fact]
    public void Packed_sequences_do_not_see_each_other()
    {
        using ParameterSet parameters = LargeParameters();
        using LlamaReplica packed = Replica(parameters), alone = Replica(parameters);

        double together = packed.ForwardBackward(PackedBatch.Pack([First, Second]), 1);
        double apart = alone.ForwardBackward(PackedBatch.Pack([First]), 1) + alone.ForwardBackward(PackedBatch.Pack([Second]), 1);

        Assert.Equal(apart, together, 1e-6);
        foreach ((string name, Tensor gradient) in packed.Gradients.Entries)
        {
            Assert.All(gradient.Span.ToArray().Zip(alone.Gradients[name].Span.ToArray()), p => Assert.Equal(p.Second, p.First, 1e-5f));
        }
    }

    [Fact]
    public void A_token_of_weight_zero_changes_the_loss_only_as_context()
    {
        using ParameterSet parameters = LargeParameters();
        using LlamaReplica replica = Replica(parameters);

        double masked = replica.ForwardBackward(PackedBatch.Pack([new([1, 2, 3], [0, 0, 1])]), 1);
        double both = replica.ForwardBackward(PackedBatch.Pack([new([1, 2, 3], [0, 1, 1])]), 1);
        double first = replica.ForwardBackward(PackedBatch.Pack([new([1, 2], [0, 1])]), 1);

        Assert.Equal(both, masked + first, 1e-6);
    }

    [Fact]
    public void Parameters_of_an_untied_model_are_refused_by_the_field() =>
        Assert.Contains("tie_word_embeddings", Assert.Throws<ArgumentException>(
            () => LlamaParameters.Create(Tiny.Config with { TieWordEmbeddings = false }, 1)).Message);

    private static LlamaReplica Replica(ParameterSet parameters) => new(Tiny.Config, parameters, new ReferenceBackend(), rows: 8, headChunkRows: 3);

    /// <summary>Initial parameters, enlarged so that every gradient is well above the rounding of F32.</summary>
    private static ParameterSet LargeParameters()
    {
        ParameterSet parameters = LlamaParameters.Create(Tiny.Config, 3);
        foreach ((_, Tensor tensor) in parameters.Entries.Where(e => e.Value.Rows > 1))
        {
            foreach (ref float value in tensor.Span)
            {
                value *= 15;
            }
        }

        return parameters;
    }

    private static double Slope(Tensor parameter, Tensor gradient, double norm, Func<double> loss)
    {
        const double Step = 5e-3;
        float[] old = parameter.Span.ToArray();
        double At(double distance)
        {
            for (int i = 0; i < old.Length; i++)
            {
                parameter.Span[i] = (float)(old[i] + (distance * gradient.Span[i] / norm));
            }

            return loss();
        }

        double slope = (At(Step) - At(-Step)) / (2 * Step);
        old.CopyTo(parameter.Span);
        return slope;
    }
}
