using System.Buffers.Binary;
using System.Diagnostics;
using Inference.Speech.Synthesis;
using Inference.Speech.Synthesis.Espeak;
using Inference.TestSupport;

namespace Inference.Speech.Tests.Synthesis;

public sealed class EspeakSynthesizerTests : IAsyncLifetime
{
    private EspeakSynthesizer _espeak = null!;

    public async Task InitializeAsync()
    {
        if (EspeakFactAttribute.IsInstalled) _espeak = await EspeakSynthesizer.StartAsync(new EspeakOptions(), TimeProvider.System, CancellationToken.None);
    }

    public async Task DisposeAsync()
    {
        if (_espeak is not null) await _espeak.DisposeAsync();
    }

    [EspeakFact]
    public async Task Every_word_has_its_mark_at_its_place_in_the_text()
    {
        SpokenText spoken = await SpeakAsync("Seven times eight, my friend, is fifty. Well done!");

        Assert.Equal(["Seven", "times", "eight", "my", "friend", "is", "fifty", "Well", "done"], spoken.Words.Select(w => w.Trim(',', '.', '!')));
        Assert.Equal(2, spoken.Of(SpeechMarkKind.Sentence).Count());
        Assert.True(spoken.Samples.Max() > 0.1f);
    }

    [EspeakFact]
    public async Task Marks_stand_where_the_audio_begins_after_a_pause()
    {
        // One word's audio in the middle of a sentence lies between its mark and the next: silence on both sides shows it.
        SpokenText spoken = await SpeakAsync("one, two, three, four.");

        SpeechMark[] words = [.. spoken.Of(SpeechMarkKind.Word)];
        Assert.Equal(4, words.Length);
        for (int i = 1; i < words.Length; i++)
        {
            int at = (int)words[i].Sample;
            Assert.True(Energy(spoken.Samples, at - 1100, at) < 0.02 * Energy(spoken.Samples, at, at + 4400), $"no pause before word {i}");
        }
    }

    [EspeakFact]
    public async Task Audio_equals_that_of_the_command_line()
    {
        const string sentence = "The quick brown fox jumps over 12 lazy dogs";
        SpokenText spoken = await SpeakAsync(sentence, r => r with { Voice = "en" });

        float[] expected = await CommandLineAsync(sentence, "en");

        // The command line sends the same audio; its end may have a pause more.
        int common = Math.Min(expected.Length, spoken.Samples.Length);
        Assert.InRange(common, (int)(0.8 * expected.Length), expected.Length);
        Assert.Equal(expected[..common], spoken.Samples[..common]);
    }

    [EspeakFact]
    public async Task Languages_speak_with_marks()
    {
        SpokenText german = await SpeakAsync("Größer ist schöner. Am 3. Mai kommt Dr. Weiß z.B. mit 3,5 Äpfeln.", r => r with { Language = "de-DE" });
        SpokenText mandarin = await SpeakAsync("你好,世界。今天天气很好。", r => r with { Language = "zh-CN" });
        SpokenText vietnamese = await SpeakAsync("Xin chào các bạn.", r => r with { Language = "vi" });

        Assert.Equal(2, german.Of(SpeechMarkKind.Sentence).Count());
        Assert.Contains("schöner", german.Words.Select(w => w.Trim('.')));
        Assert.Equal(2, mandarin.Of(SpeechMarkKind.Sentence).Count());
        Assert.True(mandarin.Words.Length >= 5, string.Join('|', mandarin.Words));
        Assert.Equal(["Xin", "chào", "các", "bạn"], vietnamese.Words.Select(w => w.Trim('.')));
    }

    [EspeakFact]
    public async Task Text_beyond_the_basic_plane_keeps_offsets_true()
    {
        SpokenText spoken = await SpeakAsync("😀😀 hello 🎉 world");

        Assert.Contains("hello", spoken.Words);
        Assert.Contains("world", spoken.Words);
    }

    [EspeakFact]
    public async Task Rate_pitch_volume_and_emotion_change_the_audio()
    {
        const string text = "What is seven times eight?";
        SpokenText plain = await SpeakAsync(text);
        SpokenText fast = await SpeakAsync(text, r => r with { Rate = 2 });
        SpokenText loud = await SpeakAsync(text, r => r with { Volume = 0.5f });
        SpokenText sulking = await SpeakAsync(text, r => r with { Emotion = "sulking" });

        Assert.InRange(fast.Samples.Length, 0.4 * plain.Samples.Length, 0.7 * plain.Samples.Length);
        Assert.InRange(Energy(loud.Samples, 0, loud.Samples.Length) / Energy(plain.Samples, 0, plain.Samples.Length), 0.15, 0.35);
        Assert.True(sulking.Samples.Length > 1.05 * plain.Samples.Length);
        Assert.NotEqual(plain.Samples, (await SpeakAsync(text, r => r with { Pitch = 1.5f })).Samples);
    }

    [EspeakFact]
    public async Task Ssml_is_spoken_with_breaks_marks_and_substitutes()
    {
        SpokenText spoken = await SpeakAsync(
            """<speak>First <mark name="here"/>word<break time="500ms"/> then <sub alias="World Wide Web">WWW</sub> and <prosody rate="200%">fast words</prosody> <say-as interpret-as="characters">abc</say-as> end.</speak>""",
            r => r with { IsSsml = true });

        Assert.Equal("First word then WWW and fast words abc end.", spoken.Text);
        SpeechMark here = Assert.Single(spoken.Of(SpeechMarkKind.Named));
        SpeechMark word = spoken.Of(SpeechMarkKind.Word).First(m => m.TextOffset == 6);
        Assert.Equal(("here", word.Sample), (here.Name, here.Sample));
        Assert.Contains("WWW", spoken.Words);
        Assert.Contains("fast", spoken.Words);
        Assert.Single(spoken.Words, w => w == "WWW");
        long then = spoken.Of(SpeechMarkKind.Word).First(m => m.TextOffset == 11).Sample;
        Assert.Equal(0, Energy(spoken.Samples, (int)then - 11025, (int)then));
    }

    [EspeakFact]
    public async Task A_phrase_that_is_said_again_sounds_the_same_wherever_it_stands()
    {
        SpokenText first = await SpeakAsync("Well done.");
        SpokenText after = await SpeakAsync("It is. Well done.");

        Assert.Equal(first.Samples, after.Samples[^first.Samples.Length..]);
        Assert.Equal(["Well", "done"], after.Words[^2..].Select(w => w.Trim('.')));
    }

    [EspeakFact]
    public async Task Hostile_text_is_only_spoken()
    {
        using TemporaryDirectory directory = new();
        string canary = directory.File("canary");
        string[] texts =
        [
            $"$(touch {canary}) `touch {canary}` ; touch {canary} ; rm -rf / | \"quoted\" 'single' \\ -f /etc/passwd --stdin", "\u0001200S\u0001[[h@'loU]] <audio src=\"/etc/passwd\"/>",
            "\0\0\0", "\ud800 lone", new string('a', 5000), new string('.', 3000), "]]>&lt;![CDATA[", "", "   ", "\ufeff\u202e\u200b",
        ];
        foreach (string text in texts)
        {
            await SpeakAsync(text);
        }

        Assert.False(File.Exists(canary));
        Assert.Equal(["still", "here"], (await SpeakAsync("still here")).Words);
    }

    [EspeakFact]
    public async Task What_is_unknown_or_out_of_range_is_refused_by_its_field()
    {
        Assert.Equal("voice", (await RefusedAsync(r => r with { Voice = "../../etc/passwd" })).Field);
        Assert.Equal("language", (await RefusedAsync(r => r with { Language = "tlh-KX-none" })).Field);
        Assert.Equal("rate", (await RefusedAsync(r => r with { Rate = float.NaN })).Field);
        Assert.Equal("emotion", (await RefusedAsync(r => r with { Emotion = "bored" })).Field);
        Assert.Equal("ssml", (await RefusedAsync(r => r with { IsSsml = true, Text = "<!DOCTYPE a [<!ENTITY b 'c'>]><speak>&b;</speak>" })).Field);
        Assert.Equal("ssml", (await RefusedAsync(r => r with { IsSsml = true, Text = "<speak><audio src='x'/></speak>" })).Field);
        Assert.Equal("ssml", (await RefusedAsync(r => r with { IsSsml = true, Text = "<speak>" + string.Concat(Enumerable.Repeat("<p>", 100)) })).Field);
        Assert.Equal("ssml", (await RefusedAsync(r => r with { IsSsml = true, Text = "<speak><break time='11s'/></speak>" })).Field);
    }

    [EspeakFact]
    public async Task A_cancelled_reader_stops_and_others_go_on()
    {
        using CancellationTokenSource cancellation = new();
        string text = string.Join(' ', Enumerable.Repeat("This is one more sentence.", 500));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (SpeechChunk _ in _espeak.SynthesizeAsync(new SpeechRequest { Text = text }, cancellation.Token)) cancellation.Cancel();
        });

        SpokenText[] spoken = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => SpeakAsync($"This is number {i}.")));
        Assert.All(spoken, s => Assert.Equal(["This", "is", "number"], s.Words[..3]));
    }

    private Task<SpokenText> SpeakAsync(string text, Func<SpeechRequest, SpeechRequest>? with = null) =>
        SpokenText.OfAsync(_espeak, (with ?? (r => r))(new SpeechRequest { Text = text }));

    private Task<SpeechRequestException> RefusedAsync(Func<SpeechRequest, SpeechRequest> with) =>
        Assert.ThrowsAsync<SpeechRequestException>(() => SpeakAsync("hello", with));

    private static double Energy(float[] samples, int from, int to) =>
        samples[Math.Max(from, 0)..Math.Min(to, samples.Length)].Average(s => (double)s * s);

    private static async Task<float[]> CommandLineAsync(string text, string voice)
    {
        using Process process = Process.Start(new ProcessStartInfo("espeak-ng", ["--stdout", "-v", voice, text]) { RedirectStandardOutput = true })!;
        using MemoryStream wav = new();
        await process.StandardOutput.BaseStream.CopyToAsync(wav);
        byte[] bytes = wav.ToArray();
        return [.. Enumerable.Range(0, (bytes.Length - 44) / 2).Select(i => BinaryPrimitives.ReadInt16LittleEndian(bytes.AsSpan(44 + (2 * i))) / 32768f)];
    }
}
