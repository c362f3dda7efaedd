using Inference.Models.Weights;
using Inference.Speech.Synthesis;
using Inference.Speech.Synthesis.Vits;
using Inference.TestSupport;

namespace Inference.Speech.Tests.Synthesis.Vits;

public sealed class VitsSynthesizerTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    [Fact]
    public async Task A_text_is_spoken_with_marks_of_its_words_and_sentences()
    {
        await using VitsSynthesizer voices = TinyVoices.Load(TinyVoices.WriteMms(_directory.Path));

        SpokenText spoken = await SpokenText.OfAsync(voices, new SpeechRequest { Text = "Hello little world. It's me, again" });

        Assert.Equal(TinyVoices.Rate, spoken.SampleRate);
        Assert.Equal(["Hello", "little", "world", "It's", "me", "again"], spoken.Words);
        Assert.Equal(2, spoken.Of(SpeechMarkKind.Sentence).Count());
        Assert.All(spoken.Of(SpeechMarkKind.Word).Zip(spoken.Of(SpeechMarkKind.Word).Skip(1)), pair => Assert.True(pair.First.Sample < pair.Second.Sample));
        Assert.Contains(spoken.Samples, sample => Math.Abs(sample) > 1e-3);
        Assert.All(spoken.Samples, sample => Assert.InRange(sample, -1, 1));
    }

    [Fact]
    public async Task A_word_begins_where_the_audio_of_the_text_before_it_ends()
    {
        await using VitsSynthesizer voices = TinyVoices.Load(TinyVoices.WriteMms(_directory.Path));
        SpeechRequest request = new() { Text = "abc defghij" };
        SpokenText spoken = await SpokenText.OfAsync(voices, request);
        using Tensors.Cpu.CpuBackend backend = new(1);
        using Models.Architectures.Vits model = Models.Architectures.Vits.Load(_directory.Path, backend);
        int[] ids = [0, .. "abc defghij".SelectMany(c => (int[])[c == ' ' ? 2 : c - 'a' + 3, 0])];
        using Models.Architectures.VitsUtterance utterance = model.Encode(ids, [.. ids.Select(_ => 1f)], new());

        // Blank, a, blank, b, blank, c, blank, space, blank; then d.
        Assert.Equal(utterance.Durations.Take(9).Sum() * TinyVoices.FrameLength, spoken.Of(SpeechMarkKind.Word).Last().Sample);
        Assert.Equal((utterance.Frames * TinyVoices.FrameLength) + (TinyVoices.Rate / 5), spoken.Samples.Length);
    }

    [Fact]
    public async Task Rate_shortens_and_volume_scales_what_is_spoken_and_pitch_leaves_its_length()
    {
        await using VitsSynthesizer voices = TinyVoices.Load(TinyVoices.WriteMms(_directory.Path));
        SpeechRequest request = new() { Text = "a long enough text to be sped up" };
        SpokenText plain = await SpokenText.OfAsync(voices, request);
        SpokenText fast = await SpokenText.OfAsync(voices, request with { Rate = 4 });
        SpokenText quiet = await SpokenText.OfAsync(voices, request with { Volume = 0.5f });
        SpokenText high = await SpokenText.OfAsync(voices, request with { Pitch = 2 });

        Assert.True(fast.Samples.Length < plain.Samples.Length);
        Assert.Equal(plain.Samples.Select(s => s * 0.5f), quiet.Samples);
        // Durations are whole frames: those of 33 symbols and the blanks between are rounded up, and those of a lower pitch shrink to half.
        Assert.InRange(high.Samples.Length, plain.Samples.Length * 0.6, plain.Samples.Length * 1.05);
        Assert.NotEqual(plain.Samples[..1000], high.Samples[..1000]);
        Assert.Equal(plain.Words, high.Words);
        Assert.InRange(high.Of(SpeechMarkKind.Word).Last().Sample, plain.Of(SpeechMarkKind.Word).Last().Sample * 0.6, plain.Of(SpeechMarkKind.Word).Last().Sample * 1.05);
    }

    [Fact]
    public async Task A_kept_phrase_sounds_as_it_did_and_has_its_own_places_in_another_text()
    {
        await using VitsSynthesizer voices = TinyVoices.Load(TinyVoices.WriteMms(_directory.Path));
        SpokenText first = await SpokenText.OfAsync(voices, new SpeechRequest { Text = "Well done." });
        SpokenText both = await SpokenText.OfAsync(voices, new SpeechRequest { Text = "So. Well done." });

        Assert.Equal(["So", "Well", "done"], both.Words);
        Assert.Equal(first.Samples, both.Samples[^first.Samples.Length..]);
    }

    [Fact]
    public async Task Markup_is_obeyed()
    {
        await using VitsSynthesizer voices = TinyVoices.Load(TinyVoices.WriteMms(_directory.Path));
        const string Ssml = """<speak>one <mark name="m"/>two<break time="500ms"/> <sub alias="as soon as possible">asap</sub> <prosody volume="silent">three</prosody></speak>""";

        SpokenText spoken = await SpokenText.OfAsync(voices, new SpeechRequest { Text = Ssml, IsSsml = true });

        Assert.Equal(["one", "two", "asap", "three"], spoken.Words);
        SpeechMark named = Assert.Single(spoken.Of(SpeechMarkKind.Named));
        SpeechMark[] words = [.. spoken.Of(SpeechMarkKind.Word)];
        Assert.Equal(words[1].Sample, named.Sample);
        Assert.All(spoken.Samples.AsSpan((int)words[2].Sample - 8000, 8000).ToArray(), sample => Assert.Equal(0, sample));
        Assert.All(spoken.Samples[((int)words[3].Sample + TinyVoices.FrameLength)..], sample => Assert.Equal(0, sample));
    }

    [Fact]
    public async Task Voices_are_found_by_name_language_and_speaker()
    {
        await using VitsSynthesizer voices = TinyVoices.Load(
            TinyVoices.WriteMms(_directory.File("mms"), language: "vie"), TinyVoices.WritePiper(_directory.File("piper"), "de", "abc", speakers: 3));

        Assert.Equal(["tiny-mms", "tiny-piper", "tiny-piper:speaker0", "tiny-piper:speaker1", "tiny-piper:speaker2"], voices.Voices.Select(v => v.Name));
        Assert.Equal(["vi", "de", "de", "de", "de"], voices.Voices.Select(v => v.Language));
        Assert.Throws<SpeechRequestException>(() => voices.SynthesizeAsync(new SpeechRequest { Text = "x", Voice = "nobody" }, default));
        SpokenText spoken = await SpokenText.OfAsync(voices, new SpeechRequest { Text = "xin", Language = "vi" });
        Assert.Equal(["xin"], spoken.Words);
    }

    [Fact]
    public async Task A_text_without_known_characters_says_nothing()
    {
        await using VitsSynthesizer voices = TinyVoices.Load(TinyVoices.WriteMms(_directory.Path));

        SpokenText spoken = await SpokenText.OfAsync(voices, new SpeechRequest { Text = "!!! 123 …" });

        Assert.Empty(spoken.Samples);
    }

    [Fact]
    public async Task A_cancelled_text_ends_before_its_next_slice()
    {
        await using VitsSynthesizer voices = TinyVoices.Load(TinyVoices.WriteMms(_directory.Path));
        using CancellationTokenSource cancellation = new();
        SpeechRequest request = new() { Text = string.Join(' ', Enumerable.Repeat("a sentence that goes on and on", 10)), Rate = 0.25f };

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (SpeechChunk _ in voices.SynthesizeAsync(request, cancellation.Token)) await cancellation.CancelAsync();
        });
        Assert.NotEmpty((await SpokenText.OfAsync(voices, new SpeechRequest { Text = "and then" })).Samples);
    }

    [Fact]
    public async Task A_text_that_is_being_spoken_fails_when_its_synthesizer_is_disposed_of()
    {
        VitsSynthesizer voices = TinyVoices.Load(TinyVoices.WriteMms(_directory.Path));
        await using IAsyncEnumerator<SpeechChunk> speech = voices.SynthesizeAsync(
            new SpeechRequest { Text = string.Join(' ', Enumerable.Repeat("a sentence that goes on and on", 10)), Rate = 0.25f }, default).GetAsyncEnumerator();
        Assert.True(await speech.MoveNextAsync());

        await voices.DisposeAsync();
        await voices.DisposeAsync();

        await Assert.ThrowsAsync<ObjectDisposedException>(async () =>
        {
            while (await speech.MoveNextAsync())
            {
            }
        });
    }

    [Theory]
    [InlineData("vocab.json", """{"a": 400}""", "400")]
    [InlineData("vocab.json", "[]", "vocab.json")]
    [InlineData("tokenizer_config.json", """{"is_uroman": true}""", "is_uroman")]
    [InlineData("config.json", """{"model_type": "bert", "sampling_rate": 16000}""", "model_type")]
    public void A_wrong_file_is_refused_by_name(string file, string content, string named)
    {
        VitsVoiceOptions voice = TinyVoices.WriteMms(_directory.Path);
        File.WriteAllText(_directory.File(file), content);

        Assert.Contains(named, Assert.Throws<ModelFormatException>(() => TinyVoices.Load(voice)).Message);
    }

    public void Dispose() => _directory.Dispose();
}
