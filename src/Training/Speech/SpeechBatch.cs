using Inference.Tensors;
using Inference.Training.Data;

namespace Inference.Training.Speech;

/// <summary>Utterances side by side.</summary>
/// <param name="Mel">Log-mel frames of all, [frames, mels].</param>
/// <param name="MelStarts">First frames of the utterances, then the number of frames.</param>
/// <param name="Text">The decoder's inputs and targets.</param>
/// <param name="Labels">Labels of each utterance, for the auxiliary loss at the encoder.</param>
public sealed record SpeechBatch(Tensor Mel, int[] MelStarts, PackedBatch Text, int[][] Labels) : IDisposable
{
    /// <summary>Packs utterances.</summary>
    /// <param name="examples">The utterances.</param>
    /// <param name="mels">Channels of the spectrogram.</param>
    public static SpeechBatch Pack(IReadOnlyList<SpeechExample> examples, int mels)
    {
        int[] starts = new int[examples.Count + 1];
        for (int i = 0; i < examples.Count; i++)
        {
            starts[i + 1] = starts[i] + (examples[i].Mel.Length / mels);
        }

        Tensor mel = Tensor.Allocate(starts[^1], mels);
        for (int i = 0; i < examples.Count; i++)
        {
            examples[i].Mel.CopyTo(mel.Span[(starts[i] * mels)..]);
        }

        PackedBatch text = PackedBatch.Pack(
            [.. examples.Select(e => new TrainingExample(e.Tokens, [.. e.Tokens.Select((_, i) => i <= e.PromptLength ? 0f : 1f)]))]);
        return new SpeechBatch(mel, starts, text, [.. examples.Select(e => e.Labels)]);
    }

    /// <inheritdoc/>
    public void Dispose() => Mel.Dispose();
}
