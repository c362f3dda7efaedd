using Inference.Models.Weights;
using Inference.Speech.Synthesis;
using Inference.Speech.Synthesis.Espeak;
using Inference.Speech.Synthesis.Vits;
using Inference.Speech.Tests.Conversation;
using Inference.TestSupport;

namespace Inference.Speech.Tests.Synthesis.Vits;

public sealed class VitsPhonemesTests : IDisposable
{
    private readonly EspeakPhonemizer _espeak = new(new EspeakOptions(), TimeProvider.System);

    /// <summary>The IPA is that of espeak_TextToPhonemes of 1.51, which for tones is not always the command's; the marks are Piper's.</summary>
    [EspeakTheory]
    [InlineData("en-us", "Hello, little world.", "həlˈoʊ, lˈɪɾəl wˈɜːld.")]
    [InlineData("de", "Ich heiße Anna!", "ɪç hˈaɪsə ˈanɑː!")]
    [InlineData("vi", "Xin chào?", "sˈin tʃˈaː2w?")]
    [InlineData("cmn", "你好，世界。", "nˈi2 χˈɑu2, s.ˈi.5 tɕˈiɛ5.")]
    [InlineData("en-us", "One; two: three", "wˈʌn; tˈuː: θɹˈiː")]
    [InlineData("en-us", "$5", "dˈɑːlɚ fˈaɪv")]
    public async Task A_text_has_the_phonemes_of_espeak_and_the_marks_of_piper(string voice, string text, string expected)
    {
        (string phonemes, IReadOnlyList<int> offsets) = await Read(voice, text);

        Assert.Equal(expected, phonemes);
        Assert.Equal(phonemes.Length, offsets.Count);
        Assert.Equal(offsets.Order(), offsets);
    }

    [EspeakTheory]
    [InlineData("The end of the road.", "of the", "ðə")]
    [InlineData("I have 56 of them", "56 of", "fˈɪfti sˈɪks")]
    [InlineData("Dr. Smith's well-known 3.5 dogs", "dogs", "dˈɑːɡz")]
    public async Task Phonemes_know_their_word_also_where_words_are_read_as_one_or_as_several(string text, string words, string spoken)
    {
        (string phonemes, IReadOnlyList<int> offsets) = await Read("en-us", text);
        int start = text.IndexOf(words, StringComparison.Ordinal), end = start + words.Length;

        string own = string.Concat(phonemes.Where((_, i) => offsets[i] >= start && offsets[i] < end));

        Assert.Contains(spoken, own);
        Assert.InRange(own.Trim().Length, spoken.Length, spoken.Length + 4);
    }

    [EspeakTheory]
    [InlineData("<speak>I say <phoneme alphabet=\"ipa\" ph=\"təmˈɑːtəʊ\">tomato</phoneme>, not that.</speak>", "aɪ sˈeɪ təmˈɑːtəʊ, nˌɑːt ðˈæt.")]
    [InlineData("<speak><phoneme alphabet=\"ipa\" ph=\"tʃɪˈkɑːɡəʊ\">Chicago</phoneme>!</speak>", "tʃɪˈkɑːɡəʊ!")]
    [InlineData("<speak>Hello <phoneme alphabet=\"x-espeak\" ph=\"w3:ld\">world</phoneme>.</speak>", "həlˈoʊ wˈɜːld.")]
    public async Task What_is_to_be_pronounced_otherwise_stands_in_its_place(string ssml, string expected)
    {
        SpeechScript script = SpeechScript.FromSsml(ssml);
        SpeechPart part = SpeechPlan.Parts(script, SpeechManner.Plain).Single().Part!;
        VitsText text = VitsText.Of(part);

        (string phonemes, IReadOnlyList<int> offsets) = await new VitsPhonemes(_espeak, "en-us").ReadAsync(text, CancellationToken.None);

        Assert.Equal(expected, phonemes);
        Assert.Equal(phonemes.Length, offsets.Count);
        Assert.Equal(offsets.Order(), offsets);
        foreach ((Range range, string ipa) in text.Pronunciations)
        {
            Assert.Contains(ipa, string.Concat(phonemes.Where((_, i) => offsets[i] == range.Start.Value)));
        }
    }

    [EspeakFact]
    public async Task A_piper_voice_speaks_phonemes_with_marks_of_words()
    {
        using TemporaryDirectory directory = new();
        await using VitsSynthesizer voices = TinyVoices.Load(TinyVoices.WritePiper(directory.Path, "en-us", " ,.abdefhijklmnopstuvwzæðŋɐɑɔəɛɜɡɪɹɾʃʊʌʒˈˌːθ"));

        SpokenText spoken = await SpokenText.OfAsync(voices, new SpeechRequest { Text = "Hello, little world. I have 56 dogs." });

        Assert.Equal(["Hello", "little", "world", "I", "have", "56", "dogs"], spoken.Words);
        Assert.All(spoken.Of(SpeechMarkKind.Word).Zip(spoken.Of(SpeechMarkKind.Word).Skip(1)), pair => Assert.True(pair.First.Sample < pair.Second.Sample));
    }

    [Fact]
    public void Symbols_stand_between_blanks_as_in_training_and_accents_apart()
    {
        VitsVoiceFile voice = new()
        {
            SampleRate = 16_000,
            Language = "de",
            Symbols = new Dictionary<string, int[]> { ["c"] = [5], ["\u0327"] = [6], ["a"] = [7] },
            Begin = [1, 0],
            After = [0],
            End = [2],
            Decomposes = true,
        };

        Assert.Equal([1, 0, 7, 0, 5, 0, 6, 0, 2], VitsSymbols.Of("açß", [0, 1, 2], voice).Select(s => s.Id));
        Assert.Equal([0, 0, 0, 0, 1, 1, 1, 1, 1], VitsSymbols.Of("açß", [0, 1, 2], voice).Select(s => s.Offset));
        Assert.Empty(VitsSymbols.Of("ß", [0], voice));
    }

    [Theory]
    [InlineData("ab cd", new[] { "ab", "cd" }, new[] { 0, 0, 0, 1, 1 })]
    [InlineData("abcd", new[] { "ab", "cd" }, new[] { 0, 0, 1, 1 })]
    [InlineData("axcd", new[] { "ab", "cd" }, new[] { 0, 0, 1, 1 })]
    [InlineData("abd", new[] { "ab", "c", "d" }, new[] { 0, 0, 2 })]
    [InlineData("ab", new string[0], new[] { 0, 0 })]
    [InlineData("", new[] { "a" }, new int[0])]
    public void Readings_are_aligned_by_the_fewest_changes(string clause, string[] words, int[] expected) =>
        Assert.Equal(expected, WordAlignment.Align(clause, words));

    public void Dispose() => _espeak.Dispose();

    private Task<(string Phonemes, IReadOnlyList<int> Offsets)> Read(string voice, string text) =>
        new VitsPhonemes(_espeak, voice).ReadAsync(new VitsText(text, [.. Enumerable.Range(0, text.Length)], []), CancellationToken.None);
}
