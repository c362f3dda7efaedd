using System.Collections.Concurrent;
using System.Text.Json;
using Inference.Models.Weights;
using Inference.Speech.Recognition;
using Inference.TestSupport;
using Inference.Text.Tokenizers;

namespace Inference.Speech.Tests.Recognition;

/// <summary>OpenAI's own vocabularies, as files of whisper.cpp have them.</summary>
public sealed class RankedVocabularyTests
{
    private const string English = "speech/for-tests-ggml-tiny.en.bin", Multilingual = "speech/for-tests-ggml-tiny.bin", Alignments = "speech/jfk_alignments.json";
    private static readonly ConcurrentDictionary<string, WhisperVocabulary> Vocabularies = [];

    private const string Text = " And so my fellow Americans ask not what your country can do for you ask what you can do for your country.";

    [SharedDataFact(Alignments)]
    public void The_tokens_that_whisper_hears_are_the_words_and_the_words_are_the_tokens()
    {
        using JsonDocument known = JsonDocument.Parse(File.ReadAllBytes(SharedData.Get(Alignments)));
        int[] tokens = [.. known.RootElement.GetProperty("text_tokens").EnumerateArray().Select(t => t.GetInt32())];
        WhisperVocabulary vocabulary = Read(English);

        Assert.Equal(Text, vocabulary.Decode(tokens));
        Assert.Equal(tokens, vocabulary.Encode(Text));
        Assert.Equal(Text.Split(' ')[1..], WordAligner.Split(vocabulary, "en", tokens).Select(w => w.Text.Trim()));
    }

    [SharedDataTheory(Multilingual)]
    [InlineData(English, 50256, 50257, 50357, 50358, 50360, 50361, 50362, 50363)]
    [InlineData(Multilingual, 50257, 50258, 50358, 50359, 50361, 50362, 50363, 50364)]
    public void Special_tokens_stand_where_openai_has_them(
        string file, int end, int start, int translate, int transcribe, int previous, int noSpeech, int noTimestamps, int firstTimestamp)
    {
        WhisperVocabulary vocabulary = Read(file);
        Assert.Equal<int?>(
            [end, start, translate, transcribe, previous, noSpeech, noTimestamps, firstTimestamp],
            [
                vocabulary.EndOfText, vocabulary.Start, vocabulary.Translate, vocabulary.Transcribe, vocabulary.Previous,
                vocabulary.NoSpeech, vocabulary.NoTimestamps, vocabulary.FirstTimestamp,
            ]);
    }

    [SharedDataFact(Multilingual)]
    public void Characters_that_no_token_has_are_spelled_in_bytes()
    {
        WhisperVocabulary vocabulary = Read(Multilingual);
        Assert.Equal(" 🜚 ♩", vocabulary.Decode(vocabulary.Encode(" 🜚 ♩")));
        Assert.Contains(vocabulary.Encode("♩")[0], vocabulary.Suppressed);
    }

    private static WhisperVocabulary Read(string name) => Vocabularies.GetOrAdd(name, Open);

    private static WhisperVocabulary Open(string name)
    {
        using WhisperGgmlFile file = WhisperGgmlFile.Open(SharedData.Get(name));
        Tokenizer tokenizer = RankedVocabulary.ToTokenizer(file.Tokens, file.Config.VocabularySize);
        return new WhisperVocabulary(tokenizer);
    }
}
