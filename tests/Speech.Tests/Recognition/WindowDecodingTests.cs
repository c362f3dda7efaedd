using Inference.Speech.Recognition;
using Inference.Tensors;

namespace Inference.Speech.Tests.Recognition;

/// <summary>The decoding of a window against logits that a test writes: no model.</summary>
public sealed class WindowDecodingTests
{
    private const int TextContext = 448;

    private readonly WhisperVocabulary _vocabulary = SmallVocabulary.Create();

    [Fact]
    public void Start_language_and_task_are_fed_then_the_text_until_its_end()
    {
        WindowDecoding decoding = Decoding(new TranscriptionOptions { Language = "de" }, timestamps: false);
        Assert.Equal([_vocabulary.Start], decoding.Pending.ToArray());
        decoding.Accept(Logits());
        Assert.Equal(
            [_vocabulary.Language("de")!.Value, _vocabulary.Transcribe!.Value, _vocabulary.NoTimestamps!.Value], decoding.Pending.ToArray());
        Assert.Equal("ja", Text(decoding, "ja"));
        Assert.True(decoding.IsDone);
        Assert.Equal("de", decoding.Language);
        Assert.Equal(1, decoding.LanguageProbability);
    }

    [Fact]
    public void The_language_is_the_most_probable_one_and_translation_is_a_task()
    {
        WindowDecoding decoding = Decoding(new TranscriptionOptions { Translate = true }, timestamps: false);
        decoding.Accept(Logits((_vocabulary.Language("fr")!.Value, 6), (_vocabulary.NoSpeech!.Value, 3)));
        Assert.Equal("fr", decoding.Language);
        Assert.InRange(decoding.LanguageProbability, 0.7f, 0.9f);
        Assert.InRange(decoding.NoSpeechProbability, 0.001f, 0.05f);
        Assert.Equal(_vocabulary.Translate!.Value, decoding.Pending.Span[1]);
    }

    [Fact]
    public void A_prompt_is_cut_to_its_last_tokens_and_stands_before_the_start()
    {
        int[] previous = [.. Enumerable.Repeat((int)'x', 300), 'y'];
        WindowDecoding decoding = new(
            _vocabulary, new WindowRequest { Mel = Tensor.Allocate(0, 1), RealFrames = 1, Options = new TranscriptionOptions(), Previous = previous }, TextContext);
        int[] opening = decoding.Pending.ToArray();
        Assert.Equal(1 + 223 + 1, opening.Length);
        Assert.Equal((_vocabulary.Previous!.Value, (int)'y', _vocabulary.Start), (opening[0], opening[^2], opening[^1]));
    }

    [Fact]
    public void Repeated_text_is_tried_again_at_the_next_temperature()
    {
        WindowDecoding decoding = Decoding(new TranscriptionOptions { Language = "en", Temperatures = [0, 0.2f] }, timestamps: false);
        decoding.Accept(Logits());
        Assert.Equal("", Text(decoding, new string('a', 120)));
        Assert.False(decoding.IsDone);
        Assert.Equal(1, decoding.Position);
        Assert.Equal("fine", Text(decoding, "fine"));
        Assert.True(decoding.IsDone);
        Assert.Equal(0.2f, decoding.Result([]).Temperature);
        Assert.Equal(4, decoding.Result([]).Tokens.Count);
    }

    [Fact]
    public void Improbable_text_of_probable_silence_ends_at_once_and_is_dropped()
    {
        TranscriptionOptions options = new() { Language = "en" };
        WindowDecoding decoding = Decoding(options, timestamps: false);
        decoding.Accept(Logits((_vocabulary.NoSpeech!.Value, 20)));
        decoding.Accept(Flat('u'));
        decoding.Accept(Flat(_vocabulary.EndOfText));
        Assert.True(decoding.IsDone);
        Assert.True(decoding.Result([]).IsSilence);
        List<TranscriptSegment> segments = [];
        Assert.Equal(500, TranscriptSegments.Add(segments, _vocabulary, decoding.Result([]), 0, 500));
        Assert.Empty(segments);
    }

    [Theory]
    [InlineData(20, true)]
    [InlineData(0, false)]
    public void An_end_at_once_is_silence_only_where_silence_is_probable(float noSpeech, bool isSilence)
    {
        WindowDecoding decoding = Decoding(new TranscriptionOptions { Language = "en" }, timestamps: false);
        decoding.Accept(Logits((_vocabulary.NoSpeech!.Value, noSpeech)));
        decoding.Accept(Logits((_vocabulary.EndOfText, 30), ('u', 29)));
        Assert.Equal((isSilence, isSilence), (decoding.IsDone, decoding.Result([]).IsSilence));
        Assert.Equal(isSilence ? 0 : 1, decoding.TextTokens.Length);
    }

    [Fact]
    public void Timestamps_cut_segments_and_say_where_to_go_on()
    {
        int zero = _vocabulary.FirstTimestamp!.Value;
        WindowResult result = new([zero + 10, 'a', zero + 100, zero + 100, 'b', zero + 200, zero + 200, 'c'], [], -0.1f, 0, 1, 0, []);
        List<TranscriptSegment> segments = [];
        int advance = TranscriptSegments.Add(segments, _vocabulary, result, 1000, 3000);
        Assert.Equal(400, advance);
        Assert.Equal(["a", "b"], segments.Select(s => s.Text));
        Assert.Equal((TimeSpan.FromSeconds(10.2), TimeSpan.FromSeconds(12)), (segments[0].Start, segments[0].End));
        Assert.Equal(TimeSpan.FromSeconds(14), segments[1].End);
    }

    private WindowDecoding Decoding(TranscriptionOptions options, bool timestamps) =>
        new(_vocabulary, new WindowRequest { Mel = Tensor.Allocate(0, 1), RealFrames = 100, Options = options, Language = options.Language, Timestamps = timestamps }, TextContext);

    /// <summary>Offers one character after the other, then the end; returns what was taken unless a new attempt began.</summary>
    private string Text(WindowDecoding decoding, string text)
    {
        foreach (char c in text)
        {
            decoding.Accept(Logits((c, 30)));
        }

        decoding.Accept(Logits((_vocabulary.EndOfText, 30)));
        return _vocabulary.Decode(decoding.TextTokens);
    }

    private float[] Logits(params (int Id, float Logit)[] set)
    {
        float[] logits = new float[_vocabulary.Tokenizer.VocabularySize];
        foreach ((int id, float logit) in set)
        {
            logits[id] = logit;
        }

        return logits;
    }

    /// <summary>Hardly more probable than all others.</summary>
    private float[] Flat(int id) => Logits((id, 0.5f));
}
