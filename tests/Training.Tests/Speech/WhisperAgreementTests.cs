using Inference.Models.Architectures;
using Inference.Models.Weights;
using Inference.Tensors;
using Inference.Tensors.Cpu;
using Inference.TestSupport;
using Inference.Training.Speech;

namespace Inference.Training.Tests.Speech;

/// <summary>The model that is served is the one that was trained.</summary>
public sealed class WhisperAgreementTests
{
    private static readonly WhisperConfig Config = new()
    {
        MelCount = 5,
        HiddenSize = 32,
        EncoderLayers = 2,
        EncoderHeads = 2,
        EncoderIntermediateSize = 40,
        DecoderLayers = 2,
        DecoderHeads = 4,
        DecoderIntermediateSize = 48,
        VocabularySize = 33,
        AudioContext = 20,
        TextContext = 12,
        VariableAudioLength = true,
    };

    [Fact]
    public void An_exported_model_gives_the_loss_that_training_saw_at_once_and_token_by_token()
    {
        using TemporaryDirectory directory = new();
        using CpuBackend backend = new(2);
        using ParameterSet parameters = WhisperParameters.Create(Config, 9, 5);
        using WhisperReplica replica = new(Config, parameters, backend, frames: 40, textRows: 10);
        Random random = new(1);
        int[] tokens = [30, 31, 4, 7, 7, 12, 29];
        SpeechExample example = new([.. Enumerable.Range(0, 26 * 5).Select(_ => (random.NextSingle() * 2) - 1)], tokens, [1]);
        using SpeechBatch batch = SpeechBatch.Pack([example], Config.MelCount);
        double expected = replica.ForwardBackward(batch, 0).Text;
        WhisperFiles.WriteConfig(directory.Path, Config, 30, 29, DType.F32);
        WhisperExport.Write(directory.Path, Config, parameters, DType.F32);

        using Whisper model = Whisper.Load(directory.Path, backend);
        using Tensor encoded = model.Encode(batch.Mel, 0, 26);
        using WhisperDecoder decoder = model.CreateDecoder(3, DType.F32);
        decoder.Begin(1, encoded);
        using Tensor logits = Tensor.Allocate(6, 33), single = Tensor.Allocate(1, 33);
        decoder.Forward([new WhisperDecodeStep(1, tokens.AsMemory(0, 6), 0)], logits);
        decoder.Begin(2, encoded);
        for (int i = 0; i < 6; i++)
        {
            decoder.Forward([new WhisperDecodeStep(2, tokens.AsMemory(i, 1), i)], single);
            Assert.Equal(logits.Row(i).ToArray(), single.Row(0).ToArray());
        }

        // The same sums in another order, and a softmax: 1e-4 of a loss of about 3.5.
        double[] losses = new double[6];
        backend.CrossEntropy(logits, tokens.AsSpan(1), [1, 1, 1, 1, 1, 1], 1, losses);
        double loss = losses.Sum() / 6;
        Assert.Equal(expected, loss, 1e-4);
    }

    [Fact]
    public void An_exported_model_is_read_back_to_be_trained_on()
    {
        using TemporaryDirectory directory = new();
        using ParameterSet written = WhisperParameters.Create(Config, 9, 5), read = WhisperParameters.Create(Config, 4, 6);
        float[] alignment = read[WhisperParameters.Alignment].Span.ToArray();
        WhisperFiles.WriteConfig(directory.Path, Config, 30, 29, DType.F32);
        WhisperExport.Write(directory.Path, Config, written, DType.F32);
        WhisperImport.Read(directory.Path, read);

        Assert.All(written.Entries.Where(e => e.Key != WhisperParameters.Alignment), e => Assert.Equal(e.Value.Span.ToArray(), read[e.Key].Span.ToArray()));
        Assert.Equal(alignment, read[WhisperParameters.Alignment].Span.ToArray());
        using ParameterSet other = WhisperParameters.Create(Config with { HiddenSize = 64 }, 9, 5);
        Assert.Throws<ModelFormatException>(() => WhisperImport.Read(directory.Path, other));
    }

    [Fact]
    public void A_clip_and_its_tokens_have_the_same_bits_alone_and_in_a_batch()
    {
        using TemporaryDirectory directory = new();
        using CpuBackend backend = new(2);
        using ParameterSet parameters = WhisperParameters.Create(Config, 9, 6);
        WhisperFiles.WriteConfig(directory.Path, Config, 30, 29, DType.F16);
        WhisperExport.Write(directory.Path, Config, parameters, DType.F16);
        using Whisper model = Whisper.Load(directory.Path, backend);
        Random random = new(2);
        using Tensor mel = Tensor.From(60, 5, [.. Enumerable.Range(0, 300).Select(_ => random.NextSingle())]);
        using Tensor both = model.Encode(mel, 0, 34, 60), second = model.Encode(mel.Slice(34, 26), 0, 26);
        Assert.Equal(both.Slice(17, 13).Span.ToArray(), second.Span.ToArray());

        using WhisperDecoder decoder = model.CreateDecoder(2);
        decoder.Begin(0, both.Slice(0, 17));
        decoder.Begin(1, second);
        using Tensor together = Tensor.Allocate(2, 33), alone = Tensor.Allocate(1, 33);
        decoder.Forward([new WhisperDecodeStep(0, new[] { 30, 4 }, 0), new WhisperDecodeStep(1, new[] { 30 }, 0)], together);
        decoder.Forward([new WhisperDecodeStep(1, new[] { 30 }, 0)], alone);
        Assert.Equal(together.Row(1).ToArray(), alone.Row(0).ToArray());
    }
}
