using System.Runtime.CompilerServices;
using Inference.Speech.Synthesis;

namespace Inference.Speech.Conversation;

/// <summary>Speaks a text that is still being written, sentence by sentence, as one piece of audio.</summary>
internal static class GrowingSpeech
{
    /// <summary>Chunks without gaps; marks count in the whole text.</summary>
    public static async IAsyncEnumerable<SpeechChunk> SynthesizeAsync(
        ISpeechSynthesizer synthesizer, SpeechRequest manner, GrowingText text, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        long end = 0;
        await foreach (Range sentence in text.ReadSentencesAsync(cancellationToken))
        {
            (int offset, long first) = (sentence.Start.Value, end);
            SpeechRequest request = manner with { Text = text.Text[sentence] };
            await foreach (SpeechChunk chunk in synthesizer.SynthesizeAsync(request, cancellationToken).WithCancellation(cancellationToken))
            {
                end = first + chunk.EndSample;
                yield return chunk with
                {
                    FirstSample = first + chunk.FirstSample,
                    Marks = [.. chunk.Marks.Select(m => m with { TextOffset = m.TextOffset + offset, Sample = m.Sample + first })],
                };
            }
        }
    }
}
