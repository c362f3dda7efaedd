using Inference.Speech.Recognition;

namespace Inference.Speech.Tests.Recognition;

public sealed class DecodingRulesTests
{
    private readonly WhisperVocabulary _vocabulary = SmallVocabulary.Create();

    [Fact]
    public void A_transcript_begins_with_a_timestamp_of_at_most_a_second()
    {
        float[] logits = Apply([]);
        int first = _vocabulary.FirstTimestamp!.Value;

        Assert.All(Enumerable.Range(0, first), id => Assert.True(float.IsNegativeInfinity(logits[id])));
        Assert.Equal(51, logits.Count(float.IsFinite));
        Assert.True(float.IsFinite(logits[first + 50]));
    }

    [Fact]
    public void Control_tokens_and_signs_of_sounds_are_never_said()
    {
        float[] logits = Apply([_vocabulary.FirstTimestamp!.Value, 'a']);
        int[] never =
        [
            _vocabulary.Start, _vocabulary.NoSpeech!.Value, _vocabulary.Previous!.Value, _vocabulary.NoTimestamps!.Value, _vocabulary.Language("de")!.Value, '[', '*',
        ];
        Assert.All(never, id => Assert.True(float.IsNegativeInfinity(logits[id]), $"token {id}"));
        Assert.True(float.IsFinite(logits['b']));
        Assert.True(float.IsFinite(logits[_vocabulary.EndOfText]));
    }

    [Fact]
    public void Timestamps_come_in_pairs_and_never_fall()
    {
        int first = _vocabulary.FirstTimestamp!.Value;

        // A segment has ended: the next one begins, no text comes.
        float[] ended = Apply([first, 'a', first + 30]);
        Assert.True(float.IsNegativeInfinity(ended['b']));
        Assert.True(float.IsFinite(ended[first + 30]));
        Assert.True(float.IsNegativeInfinity(ended[first + 29]));

        // It has begun: text comes, no third timestamp.
        float[] begun = Apply([first, 'a', first + 30, first + 30]);
        Assert.True(float.IsFinite(begun['b']));
        Assert.True(float.IsNegativeInfinity(begun[first + 40]));

        // Within a segment: the next timestamp is later than its beginning.
        float[] within = Apply([first + 30, 'a']);
        Assert.True(float.IsNegativeInfinity(within[first + 30]));
        Assert.True(float.IsFinite(within[first + 31]));
    }

    [Fact]
    public void All_timestamps_together_likelier_than_any_text_force_one()
    {
        int first = _vocabulary.FirstTimestamp!.Value;
        float[] logits = new float[_vocabulary.Tokenizer.VocabularySize];
        logits['a'] = 3;
        new DecodingRules(_vocabulary, timestamps: true).Apply(logits, [first, 'b']);
        Assert.True(float.IsNegativeInfinity(logits['a']), "1,500 timestamps at e^0 outweigh e^3");

        logits = new float[_vocabulary.Tokenizer.VocabularySize];
        logits['a'] = 9;
        new DecodingRules(_vocabulary, timestamps: true).Apply(logits, [first, 'b']);
        Assert.Equal(9, logits['a']);
    }

    [Fact]
    public void Without_timestamps_there_are_none_and_no_blank_at_the_beginning()
    {
        float[] logits = new float[_vocabulary.Tokenizer.VocabularySize];
        new DecodingRules(_vocabulary, timestamps: false).Apply(logits, []);

        Assert.True(float.IsNegativeInfinity(logits[_vocabulary.EndOfText]));
        Assert.True(float.IsNegativeInfinity(logits[' ']));
        Assert.All(logits[_vocabulary.FirstTimestamp!.Value..], l => Assert.True(float.IsNegativeInfinity(l)));
        Assert.True(float.IsFinite(logits['a']));
    }

    private float[] Apply(int[] sampled)
    {
        float[] logits = new float[_vocabulary.Tokenizer.VocabularySize];
        logits['a'] = logits['b'] = logits[_vocabulary.EndOfText] = 20;
        if (sampled.Length == 0)
        {
            logits[_vocabulary.FirstTimestamp!.Value] = 21;
        }

        if (sampled.Length > 0 && sampled[^1] >= _vocabulary.FirstTimestamp && sampled.Length > 2 && sampled[^2] < _vocabulary.FirstTimestamp)
        {
            logits[_vocabulary.EndOfText] = 1;
        }

        new DecodingRules(_vocabulary, timestamps: true).Apply(logits, sampled);
        return logits;
    }
}
