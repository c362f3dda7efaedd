using Inference.Models.Architectures;
using Inference.Tensors;
using Inference.Tensors.Reference;
using Inference.Training.Speech;

namespace Inference.Training.Tests.Speech;

public sealed class WhisperReplicaTests
{
    private static readonly WhisperConfig Config = new()
    {
        MelCount = 3,
        HiddenSize = 8,
        EncoderLayers = 2,
        EncoderHeads = 2,
        EncoderIntermediateSize = 12,
        DecoderLayers = 2,
        DecoderHeads = 2,
        DecoderIntermediateSize = 12,
        VocabularySize = 11,
        AudioContext = 8,
        TextContext = 8,
    };

    private static readonly SpeechExample First = Example(1, 12, [10, 9, 1, 2, 8], [1, 2]);
    private static readonly SpeechExample Second = Example(2, 9, [10, 9, 3, 8], [3]);

    [Fact]
    public void Gradients_of_every_tensor_agree_with_finite_differences_of_the_loss()
    {
        using ParameterSet parameters = LargeParameters();
        using WhisperReplica replica = new(Config, parameters, new ReferenceBackend(), frames: 24, textRows: 8);
        using SpeechBatch batch = SpeechBatch.Pack([First, Second], Config.MelCount);
        double Loss()
        {
            (double text, double alignment) = replica.ForwardBackward(batch, 0.5f);
            return text + (0.5 * alignment);
        }

        Loss();
        using ParameterSet gradients = parameters.ZerosLike();
        foreach ((string name, Tensor gradient) in replica.Gradients.Entries)
        {
            gradient.Span.CopyTo(gradients[name].Span);
        }

        foreach ((string name, Tensor gradient) in gradients.Entries)
        {
            double norm = Math.Sqrt(gradient.Span.ToArray().Sum(g => (double)g * g));
            double slope = Slope(parameters[name], gradient, norm, Loss);

            Assert.True(norm > 1e-4, $"{name} has no gradient");
            Assert.True(Math.Abs(slope - norm) < (0.02 * norm) + 1e-4, $"{name}: slope {slope} along the gradient, norm {norm}");
        }
    }

    [Fact]
    public void Utterances_do_not_see_each_other()
    {
        using ParameterSet parameters = LargeParameters();
        using WhisperReplica replica = new(Config, parameters, new ReferenceBackend(), frames: 24, textRows: 8);
        using SpeechBatch both = SpeechBatch.Pack([First, Second], 3), first = SpeechBatch.Pack([First], 3), second = SpeechBatch.Pack([Second], 3);

        double together = replica.ForwardBackward(both, 0).Text;

        Assert.Equal(together, ((4 * replica.ForwardBackward(first, 0).Text) + (3 * replica.ForwardBackward(second, 0).Text)) / 7, 1e-6);
    }

    [Fact]
    public void A_prompt_is_read_and_not_predicted()
    {
        using ParameterSet parameters = LargeParameters();
        using WhisperReplica replica = new(Config, parameters, new ReferenceBackend(), frames: 24, textRows: 8);
        SpeechExample prompted = First with { Tokens = [7, 5, .. First.Tokens], PromptLength = 2 };
        using SpeechBatch batch = SpeechBatch.Pack([prompted], 3), other = SpeechBatch.Pack([prompted with { Tokens = [7, 6, .. First.Tokens] }], 3);

        Assert.Equal([0, 0, 1, 1, 1, 1], batch.Text.Weights);
        Assert.NotEqual(replica.ForwardBackward(batch, 0).Text, replica.ForwardBackward(other, 0).Text);
    }

    private static SpeechExample Example(int seed, int frames, int[] tokens, int[] labels)
    {
        Random random = new(seed);
        return new SpeechExample([.. Enumerable.Range(0, frames * 3).Select(_ => (random.NextSingle() * 2) - 1)], tokens, labels);
    }

    /// <summary>Initial parameters, enlarged so that every gradient is well above the rounding of F32.</summary>
    private static ParameterSet LargeParameters()
    {
        ParameterSet parameters = WhisperParameters.Create(Config, alignmentClasses: 9, seed: 3);
        Random random = new(4);
        foreach ((string name, Tensor tensor) in parameters.Entries)
        {
            foreach (ref float value in tensor.Span)
            {
                value = name.Contains("norm.weight", StringComparison.Ordinal) ? value : (value * (value is < 0.2f and > -0.2f ? 4 : 1.5f)) + ((random.NextSingle() - 0.5f) * 0.2f);
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
