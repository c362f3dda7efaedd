using Inference.Speech.Synthesis;

namespace Inference.Speech.Tests.Synthesis;

/// <summary>A whole text's audio and marks, checked for gaps as they come.</summary>
internal sealed record SpokenText(string Text, float[] Samples, IReadOnlyList<SpeechMark> Marks, int SampleRate)
{
    public string[] Words => [.. Of(SpeechMarkKind.Word).Select(m => Text.Substring(m.TextOffset, m.TextLength))];

    public IEnumerable<SpeechMark> Of(SpeechMarkKind kind) => Marks.Where(m => m.Kind == kind);

    public static async Task<SpokenText> OfAsync(ISpeechSynthesizer synthesizer, SpeechRequest request)
    {
        List<float> samples = [];
        List<SpeechMark> marks = [];
        int rate = 0;
        await foreach (SpeechChunk chunk in synthesizer.SynthesizeAsync(request, CancellationToken.None))
        {
            Assert.Equal(samples.Count, chunk.FirstSample);
            Assert.All(chunk.Marks, m => Assert.InRange(m.Sample, chunk.FirstSample, chunk.EndSample));
            samples.AddRange(chunk.Samples.Span);
            marks.AddRange(chunk.Marks);
            rate = chunk.SampleRate;
        }

        Assert.Equal(marks.OrderBy(m => m.Sample), marks);
        return new SpokenText(request.IsSsml ? SpeechMarkup.PlainText(request.Text) : request.Text, [.. samples], marks, rate);
    }
}
