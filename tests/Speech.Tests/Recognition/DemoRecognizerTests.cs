using System.Buffers;
using Inference.Speech.Audio;
using Inference.Speech.Recognition;
using Inference.Speech.Synthesis;
using Inference.Speech.Synthesis.Espeak;
using Inference.Speech.Tests.Synthesis;
using Inference.TestSupport;

namespace Inference.Speech.Tests.Recognition;

/// <summary>What a recogniser understands, by the trained one of models/demo-asr.</summary>
public sealed class DemoRecognizerTests(DemoRecognizerFixture fixture) : IClassFixture<DemoRecognizerFixture>
{
    private const string Question = "what is seven times eight";

    private readonly WhisperRecognizer _recognizer = fixture.Recognizer;

    [ToolTheory("espeak-ng")]
    [InlineData("en-us+m6")]
    [InlineData("en-gb+f4")]
    [InlineData("en-us+linda")]
    [InlineData("en-gb-x-rp+Denis")]
    [InlineData("en-us+steph")]
    [InlineData("en-gb-scotland+robert")]
    public async Task A_question_and_a_voice_that_training_never_had_are_understood(string voice)
    {
        Transcript transcript = await _recognizer.TranscribeAsync(await DemoRecognizerFixture.SpeakAsync(Question, voice), new(), default);
        Assert.Equal(Question, transcript.Text);
        Assert.InRange(transcript.Segments.Single().MeanLogProbability, -0.5f, 0);
    }

    [ToolFact("espeak-ng")]
    public async Task A_stream_never_takes_back_what_is_stable_and_ends_with_the_clips_text()
    {
        float[] speech = await DemoRecognizerFixture.SpeakAsync(Question, "en-us+m6");
        await using IRecognitionStream stream = _recognizer.OpenStream(new TranscriptionOptions { WordTimes = true });
        List<RecognitionUpdate> updates = [];
        await using IAsyncEnumerator<RecognitionUpdate> results = stream.ReadAsync(default).GetAsyncEnumerator();
        Task<bool> next = results.MoveNextAsync().AsTask();
        for (int first = 0; first < speech.Length; first += 8000)
        {
            // The next half second comes when the one before was looked at; a look that changes nothing gives no result.
            stream.Write(speech.AsSpan(first, Math.Min(8000, speech.Length - first)));
            if (await Task.WhenAny(next, Task.Delay(TimeSpan.FromMilliseconds(300))) == next)
            {
                updates.Add(results.Current);
                next = results.MoveNextAsync().AsTask();
            }
        }

        for (stream.Complete(); await next; next = results.MoveNextAsync().AsTask())
        {
            updates.Add(results.Current);
        }

        RecognitionUpdate final = updates[^1];
        Assert.Single(updates, u => u.IsFinal);
        Assert.All(updates.Zip(updates.Skip(1)), pair => Assert.StartsWith(pair.First.StableText, pair.Second.StableText));
        Assert.Contains(updates, u => !u.IsFinal && u.StableText.Length > 0 && u.Stability is > 0 and < 1);
        Assert.Equal((Question, Question), (final.Text, final.StableText));
        Assert.InRange(final.Confidence, 0.7f, 1);
        Assert.Equal(Question.Split(' '), final.Words.Select(w => w.Text));
        Assert.All(final.Words, w => Assert.True(w.Start < w.End && w.Confidence is > 0.3f and <= 1, $"{w}"));
    }

    [ToolFact("espeak-ng")]
    public async Task Eight_streams_at_once_hear_what_one_alone_hears()
    {
        string[] questions = ["what is the capital of france", Question, "how much is nine plus four", "what is twelve minus five"];
        float[][] speech = await Task.WhenAll(questions.Select(q => DemoRecognizerFixture.SpeakAsync(q, "en-gb+f4")));
        string[] alone = new string[speech.Length];
        for (int i = 0; i < speech.Length; i++)
        {
            alone[i] = await StreamAsync(speech[i]);
        }

        string[] together = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => StreamAsync(speech[i % speech.Length])));
        Assert.Equal(Enumerable.Range(0, 8).Select(i => alone[i % alone.Length]), together);
        Assert.All(alone, text => Assert.NotEqual("", text));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1e-4)]
    [InlineData(0.003)]
    [InlineData(0.05)]
    public async Task Nothing_is_heard_in_silence_and_noise(double level)
    {
        Random random = new(9);
        float[] noise = [.. Enumerable.Range(0, 4 * 16_000).Select(_ => (float)(level * ((2 * random.NextDouble()) - 1)))];
        Assert.Equal("", (await _recognizer.TranscribeAsync(noise, new(), default)).Text);
        Assert.Equal("", await StreamAsync(noise));
    }

    [EspeakFact]
    public async Task Words_have_the_times_at_which_they_are_spoken()
    {
        await using EspeakSynthesizer espeak = await EspeakSynthesizer.StartAsync(new EspeakOptions(), TimeProvider.System, default);
        SpokenText spoken = await SpokenText.OfAsync(espeak, new SpeechRequest { Text = "what is the capital of france", Language = "en-US" });
        Resampler resampler = new(spoken.SampleRate, LogMelSpectrogram.SampleRate);
        ArrayBufferWriter<float> samples = new();
        resampler.Push(spoken.Samples, samples);
        resampler.Complete(samples);

        Transcript transcript = await _recognizer.TranscribeAsync(samples.WrittenMemory, new TranscriptionOptions { WordTimes = true }, default);
        RecognizedWord[] words = [.. transcript.Segments.SelectMany(s => s.Words)];
        Assert.Equal(spoken.Words, words.Select(w => w.Text));
        foreach ((RecognizedWord word, SpeechMark mark) in words.Zip(spoken.Of(SpeechMarkKind.Word)))
        {
            // Attention leads and lags by a few of its steps of 20 ms.
            Assert.Equal(mark.Sample / (double)spoken.SampleRate, word.Start.TotalSeconds, 0.25);
        }
    }

    [ToolFact("espeak-ng")]
    public async Task A_long_speech_in_a_stream_is_cut_between_words()
    {
        string[] questions = ["what is the capital of france", "what is six times nine", "how much is nine plus four", "what is twelve minus five", Question];
        float[][] speech = await Task.WhenAll(questions.Select(q => DemoRecognizerFixture.SpeakAsync(q, "en-us")));
        string together = await StreamAsync([.. speech.SelectMany(s => s)]);
        string[] heard = together.Split(' ', StringSplitOptions.RemoveEmptyEntries), said = string.Join(' ', questions).Split(' ');
        Assert.InRange(heard.Length, 0.7 * said.Length, 1.2 * said.Length);
        Assert.True(said.Intersect(heard).Count() >= 0.7 * said.Distinct().Count(), together);
    }

    private async Task<string> StreamAsync(float[] samples)
    {
        await using IRecognitionStream stream = _recognizer.OpenStream(new());
        for (int first = 0; first < samples.Length; first += 320)
        {
            stream.Write(samples.AsSpan(first, Math.Min(320, samples.Length - first)));
        }

        stream.Complete();
        List<string> texts = [];
        await foreach (RecognitionUpdate update in stream.ReadAsync(default))
        {
            if (update.IsFinal && update.Text.Length > 0)
            {
                texts.Add(update.Text);
            }
        }

        return string.Join(' ', texts);
    }
}
