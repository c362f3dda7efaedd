using Inference.Models.Architectures;
using Inference.Models.Layers;
using Inference.Tensors;

namespace Inference.Training.Speech;

/// <summary>
/// Names (Hugging Face's), shapes and initial values of Whisper's parameters. Kernels of convolutions are
/// [out, 3 * in] as <see cref="ConvolutionColumns"/> has them; the encoder's positions are sinusoids and not among them.
/// </summary>
public static class WhisperParameters
{
    private const double InitialDeviation = 0.02;

    /// <summary>Name of the auxiliary projection from the encoder to the classes of <see cref="ConnectionistLoss"/>; not exported.</summary>
    public const string Alignment = "alignment.weight";

    /// <summary>Name of the embedding table, [vocabulary, hidden], which is the output projection too.</summary>
    public const string Embedding = "model.decoder.embed_tokens.weight";

    /// <summary>Name of the decoder's positions, [text context, hidden].</summary>
    public const string Positions = "model.decoder.embed_positions.weight";

    /// <summary>
    /// Matrices from a normal distribution of variance 1 / inputs, less where a block writes into the residual stream (by
    /// sqrt(2 layers)); embeddings of deviation 0.02; norms 1, biases 0. Keys have no bias.
    /// </summary>
    /// <param name="config">Shape of the model.</param>
    /// <param name="alignmentClasses">Classes of the auxiliary loss.</param>
    /// <param name="seed">Seed of all draws.</param>
    public static ParameterSet Create(WhisperConfig config, int alignmentClasses, int seed)
    {
        Random random = new(seed);
        int width = config.HiddenSize;
        List<KeyValuePair<string, Tensor>> entries = [];
        void Matrix(string name, int rows, int columns, double deviation) => entries.Add(new(name, NormalTensor.Draw(random, rows, columns, deviation)));
        void Linear(string name, int rows, int columns, double factor = 1, bool bias = true)
        {
            Matrix(name + ".weight", rows, columns, factor / Math.Sqrt(columns));
            if (bias)
            {
                entries.Add(new(name + ".bias", Tensor.Allocate(1, rows)));
            }
        }

        void Norm(string name)
        {
            Tensor ones = Tensor.Allocate(1, width);
            ones.Span.Fill(1);
            entries.Add(new(name + ".weight", ones));
            entries.Add(new(name + ".bias", Tensor.Allocate(1, width)));
        }

        void Attention(string name, double residual)
        {
            Linear(name + ".q_proj", width, width);
            Linear(name + ".k_proj", width, width, bias: false);
            Linear(name + ".v_proj", width, width);
            Linear(name + ".out_proj", width, width, residual);
        }

        void Layers(string stack, int layers, int inner, bool cross)
        {
            double residual = 1 / Math.Sqrt(2.0 * layers);
            for (int i = 0; i < layers; i++)
            {
                string name = $"model.{stack}.layers.{i}.";
                Norm(name + "self_attn_layer_norm");
                Attention(name + "self_attn", residual);
                if (cross)
                {
                    Norm(name + "encoder_attn_layer_norm");
                    Attention(name + "encoder_attn", residual);
                }

                Norm(name + "final_layer_norm");
                Linear(name + "fc1", inner, width);
                Linear(name + "fc2", width, inner, residual);
            }

            Norm($"model.{stack}.layer_norm");
        }

        Linear("model.encoder.conv1", width, ConvolutionColumns.KernelLength * config.MelCount);
        Linear("model.encoder.conv2", width, ConvolutionColumns.KernelLength * width);
        Layers("encoder", config.EncoderLayers, config.EncoderIntermediateSize, cross: false);
        Matrix(Embedding, config.VocabularySize, width, InitialDeviation);
        Matrix(Positions, config.TextContext, width, InitialDeviation);
        Layers("decoder", config.DecoderLayers, config.DecoderIntermediateSize, cross: true);
        Matrix(Alignment, alignmentClasses, width, InitialDeviation);
        return new ParameterSet(entries);
    }
}
