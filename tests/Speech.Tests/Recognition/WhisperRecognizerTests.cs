using Inference.Models.Architectures;
using Inference.Models.Weights;
using Inference.Speech.Recognition;
using Inference.Tensors;
using Inference.Tensors.Cpu;
using Inference.TestSupport;

namespace Inference.Speech.Tests.Recognition;

/// <summary>The recogniser with a real, tiny, untrained model: what it does, not what it understands.</summary>
public sealed class WhisperRecognizerTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly WhisperRecognizer _recognizer;

    public WhisperRecognizerTests()
    {
        TinyWhisper.Write(_directory.File("tiny.bin"));
        _recognizer = TinyWhisper.Load(_directory.File("tiny.bin"));
    }

    [Fact]
    public async Task Silence_and_nothing_give_no_text()
    {
        foreach (float[] samples in (float[][])[[], [0], new float[16_000], [.. Enumerable.Repeat(1e-4f, 40_000)]])
        {
            Transcript transcript = await _recognizer.TranscribeAsync(samples, new TranscriptionOptions { Language = "en" }, default);
            Assert.Empty(transcript.Segments);
            Assert.Equal("", transcript.Text);
        }
    }

    [Fact]
    public async Task A_clip_longer_than_a_window_is_decoded_in_several_and_alone_as_among_others()
    {
        TranscriptionOptions options = new() { Language = "en", Temperatures = [0], MaxNoSpeechProbability = 2, WordTimes = true };
        float[] samples = TinyWhisper.Sound(35);
        Transcript alone = await _recognizer.TranscribeAsync(samples, options, default);
        Transcript[] together = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => _recognizer.TranscribeAsync(samples, options, default)));

        Assert.NotEmpty(alone.Segments);
        Assert.All(together, t => Assert.Equal(alone.Segments.SelectMany(s => s.Tokens), t.Segments.SelectMany(s => s.Tokens)));
        Assert.All(alone.Segments, s => Assert.True(s.Start < s.End && s.End <= TimeSpan.FromSeconds(60), $"{s.Start} to {s.End}"));
        Assert.Equal(TimeSpan.FromSeconds(35), alone.Duration);
    }

    [Fact]
    public async Task Hot_words_prompt_language_and_task_reach_the_model()
    {
        TranscriptionOptions plain = new() { Language = "en", Temperatures = [0], MaxNoSpeechProbability = 2 };
        async Task<Transcript> With(TranscriptionOptions options) => await _recognizer.TranscribeAsync(TinyWhisper.Sound(2), options, default);
        static float[] Tokens(Transcript transcript) => [.. transcript.Segments.SelectMany(s => s.Tokens.Select(t => (float)t).Append(s.MeanLogProbability))];

        Transcript alone = await With(plain), hot = await With(plain with { HotWords = ["ab", "cd"], Prompt = "ef" });
        Assert.Equal(Tokens(await With(plain with { Prompt = "ab, cd ef" })), Tokens(hot));
        Assert.NotEqual(Tokens(alone), Tokens(hot));
        Assert.NotEqual(Tokens(alone), Tokens(await With(plain with { Translate = true })));
        Assert.Equal(("en", 1f), (alone.Language, alone.LanguageProbability));

        Transcript found = await With(plain with { Language = null });
        Assert.Contains(found.Language, _recognizer.Languages);
        Assert.InRange(found.LanguageProbability, 0.01f, 0.999f);
    }

    [Fact]
    public async Task What_the_model_does_not_have_is_refused_by_name()
    {
        Task Transcribe(TranscriptionOptions options) => _recognizer.TranscribeAsync(new float[100], options, default);
        Assert.Contains("'xx'", (await Assert.ThrowsAsync<ArgumentException>(() => Transcribe(new() { Language = "xx" }))).Message);
        Assert.Contains("temperatures", (await Assert.ThrowsAsync<ArgumentException>(() => Transcribe(new() { Temperatures = [] }))).Message);
        Assert.Throws<ArgumentException>(() => _recognizer.OpenStream(new() { Language = "xx" }));
    }

    [Fact]
    public async Task A_cancelled_clip_ends()
    {
        using CancellationTokenSource cancellation = new();
        Task<Transcript> task = _recognizer.TranscribeAsync(TinyWhisper.Sound(300), new TranscriptionOptions { Language = "en" }, cancellation.Token);
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => task);
    }

    [Fact]
    public async Task A_stream_gives_one_final_result_an_utterance_and_ends()
    {
        await using IRecognitionStream stream = _recognizer.OpenStream(new TranscriptionOptions { Language = "en", Temperatures = [0], MaxNoSpeechProbability = 2 });
        float[] sound = TinyWhisper.Sound(1.2);
        for (int first = 0; first < sound.Length; first += 320)
        {
            stream.Write(sound.AsSpan(first, 320));
        }

        stream.EndUtterance();
        stream.EndUtterance();
        stream.Write(new float[8000]);
        stream.Complete();
        List<RecognitionUpdate> updates = [];
        await foreach (RecognitionUpdate update in stream.ReadAsync(default))
        {
            updates.Add(update);
        }

        RecognitionUpdate[] finals = [.. updates.Where(u => u.IsFinal)];
        Assert.Equal(2, finals.Length);
        Assert.Equal(finals[0].Text, finals[0].StableText);
        Assert.Equal((1f, TimeSpan.FromSeconds(1.2)), (finals[0].Stability, finals[0].AudioProcessed));
        Assert.Equal(("", 0f), (finals[1].Text, finals[1].Confidence));
        Assert.Throws<ObjectDisposedException>(() => stream.Write(sound));
    }

    [Fact]
    public async Task A_writer_that_is_faster_than_recognition_waits_until_there_is_room()
    {
        await using IRecognitionStream stream = _recognizer.OpenStream(new TranscriptionOptions { Language = "en", Temperatures = [0] });
        for (int i = 0; i < 6; i++)
        {
            Assert.True(i == 5 || stream.WaitForRoomAsync(default).IsCompleted);
            stream.Write(TinyWhisper.Sound(0.5));
            stream.EndUtterance();
        }

        Task room = stream.WaitForRoomAsync(default).AsTask();
        Assert.False(room.IsCompleted);
        int finals = 0;
        await foreach (RecognitionUpdate update in stream.ReadAsync(default))
        {
            if (update.IsFinal && ++finals == 2)
            {
                break;
            }
        }

        await room.WaitAsync(TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task An_utterance_that_nearly_fills_the_window_is_cut_at_the_next_quiet_moment()
    {
        await using IRecognitionStream stream = _recognizer.OpenStream(new TranscriptionOptions { Language = "en", Temperatures = [0], MaxNoSpeechProbability = 2 });
        stream.Write([.. TinyWhisper.Sound(10), .. new float[4800], .. TinyWhisper.Sound(14), .. new float[4800], .. TinyWhisper.Sound(4)]);
        stream.Complete();
        List<TimeSpan> finals = [];
        List<bool> goOn = [];
        await foreach (RecognitionUpdate update in stream.ReadAsync(default))
        {
            if (update.IsFinal)
            {
                finals.Add(update.AudioProcessed);
                goOn.Add(update.GoesOn);
            }
        }

        Assert.Equal([true, false], goOn);
        Assert.InRange(finals[0].TotalSeconds, 24.3, 24.6);
        Assert.Equal(28.6, finals.Sum(f => f.TotalSeconds), 1e-6);
    }

    [Fact]
    public async Task A_clip_gives_the_same_words_where_the_host_does_not_reach_the_backends_memory()
    {
        TranscriptionOptions options = new() { Language = "en", Temperatures = [0], MaxNoSpeechProbability = 2, WordTimes = true };
        IsolatedBackend backend = new(new CpuBackend(2));
        using (WhisperRecognizer isolated = WhisperRecognizer.Load(_directory.File("tiny.bin"), backend))
        {
            Transcript expected = await _recognizer.TranscribeAsync(TinyWhisper.Sound(3), options, default);
            Transcript actual = await isolated.TranscribeAsync(TinyWhisper.Sound(3), options, default);

            Assert.NotEmpty(actual.Segments);
            Assert.Equal(expected.Segments.SelectMany(s => s.Tokens), actual.Segments.SelectMany(s => s.Tokens));
            Assert.Equal(expected.Segments.SelectMany(s => s.Words), actual.Segments.SelectMany(s => s.Words));
            Assert.Equal(expected.Segments.Select(s => (s.MeanLogProbability, s.NoSpeechProbability)), actual.Segments.Select(s => (s.MeanLogProbability, s.NoSpeechProbability)));
        }

        Assert.Equal(0, backend.Bytes);
    }

    [Fact]
    public void A_decoding_step_waits_for_its_logits_and_the_encoder_once()
    {
        using IsolatedBackend backend = new(new CpuBackend(1));
        using Whisper model = Whisper.Load(_directory.File("tiny.bin"), backend);
        using Tensor mel = Tensor.From(60, 80, [.. Enumerable.Range(0, 4800).Select(i => MathF.Sin(i))]);
        using Tensor encoded = model.Encode(mel, 0, 60);
        using WhisperDecoder decoder = model.CreateDecoder(1);
        using Readback logits = decoder.CreateLogits(1);
        Assert.Equal(1, backend.Downloads);
        decoder.Begin(0, encoded);
        decoder.Forward([new WhisperDecodeStep(0, new[] { 1, 2 }, 0)], logits.Rows(1));
        (int allocations, int uploads) = (backend.Allocations, backend.Uploads);

        decoder.Forward([new WhisperDecodeStep(0, new[] { 3 }, 2)], logits.Rows(1));
        logits.Begin();

        Assert.True(float.IsFinite(logits.End().Row(0)[0]));
        Assert.Equal((allocations, uploads, 1, 1), (backend.Allocations, backend.Uploads, backend.Downloads, backend.Readbacks));
    }

    [Fact]
    public void Both_forms_of_a_model_have_the_same_states()
    {
        WhisperConfig config = TinyWhisper.Config;
        Inference.Models.RandomWhisper.WriteHuggingFace(_directory.File("hf"), config, DType.F32, 1, 257, 256);
        using CpuBackend backend = new(2);
        using Whisper ggml = Whisper.Load(_directory.File("tiny.bin"), backend), huggingFace = Whisper.Load(_directory.File("hf"), backend);
        using Tensor mel = Tensor.From(60, 80, [.. Enumerable.Range(0, 4800).Select(i => MathF.Sin(i))]);
        using Tensor a = ggml.Encode(mel, 0, 60), b = huggingFace.Encode(mel, 0, 60);
        Assert.Equal(a.Span.ToArray(), b.Span.ToArray());
        Assert.Equal(config with { }, huggingFace.Config);
        Assert.Equal(config with { }, ggml.Config);
    }

    [Theory]
    [InlineData(DType.F16, 0.01)]
    [InlineData(DType.Q8_0, 0.05)]
    [InlineData(DType.Q5_1, 0.2)]
    [InlineData(DType.Q4_0, 0.4)]
    public void Each_number_format_of_ggml_files_has_nearly_the_states_of_floats(DType type, double tolerance)
    {
        TinyWhisper.Write(_directory.File("other.bin"), type);
        using CpuBackend backend = new(2);
        using Whisper floats = Whisper.Load(_directory.File("tiny.bin"), backend), other = Whisper.Load(_directory.File("other.bin"), backend);
        using Tensor mel = Tensor.From(60, 80, [.. Enumerable.Range(0, 4800).Select(i => MathF.Sin(i))]);
        using Tensor a = floats.Encode(mel, 0, 60), b = other.Encode(mel, 0, 60);
        double error = Math.Sqrt(a.Span.ToArray().Zip(b.Span.ToArray(), (x, y) => Math.Pow(x - y, 2)).Average());
        Assert.InRange(error, 1e-7, tolerance);
    }

    [Fact]
    public void Damaged_files_are_refused()
    {
        byte[] whole = File.ReadAllBytes(_directory.File("tiny.bin"));
        string damaged = _directory.File("damaged.bin");
        foreach (int length in (int[])[1, 4, 20, 60, 5000, whole.Length / 2, whole.Length - 1])
        {
            File.WriteAllBytes(damaged, whole[..length]);
            Assert.Throws<ModelFormatException>(() => Load(damaged));
        }

        Random random = new(1);
        for (int round = 0; round < 50; round++)
        {
            byte[] changed = [.. whole];
            changed[random.Next(48)] ^= (byte)(1 << random.Next(8));
            File.WriteAllBytes(damaged, changed);
            try
            {
                Load(damaged);
            }
            catch (ModelFormatException)
            {
                continue; // Refusing is one of the two clear outcomes.
            }
        }

        static void Load(string path)
        {
            using CpuBackend backend = new(1);
            using Whisper model = Whisper.Load(path, backend);
        }
    }

    public void Dispose()
    {
        _recognizer.Dispose();
        _directory.Dispose();
    }
}
