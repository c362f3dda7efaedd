using Inference.Speech.Conversation;
using Inference.Speech.Synthesis;
using Inference.Speech.Synthesis.Espeak;
using Inference.Speech.Tests.Synthesis;

namespace Inference.Speech.Tests.Conversation;

public sealed class SpeakingQueueTests : IAsyncLifetime
{
    private const string LessonText = "The quick brown fox jumps over the lazy dog near the old stone bridge. Then it sleeps under a tree all afternoon.";
    private static readonly SpeechRequest Lesson = new() { Text = LessonText };
    private static readonly SpeechRequest Chat = new() { Text = "Somebody asks a question now." };

    // Longer than any word.
    private static readonly TimeSpan UnbrokenWords = TimeSpan.FromSeconds(3);

    private EspeakSynthesizer _espeak = null!;
    private SpeakingQueue _queue = null!;

    public async Task InitializeAsync()
    {
        if (!EspeakFactAttribute.IsInstalled) return;
        _espeak = await EspeakSynthesizer.StartAsync(new EspeakOptions(), TimeProvider.System, CancellationToken.None);
        _queue = new SpeakingQueue(_espeak, TimeProvider.System, UnbrokenWords);
    }

    public async Task DisposeAsync()
    {
        if (_espeak is null) return;
        await _queue.DisposeAsync();
        await _espeak.DisposeAsync();
    }

    [EspeakTheory]
    [InlineData(3)]
    [InlineData(37)]
    [InlineData(90)]
    public async Task A_chat_interrupts_a_lesson_at_a_word_and_no_sample_is_lost_or_said_twice(int framesBefore)
    {
        SpokenText lesson = await SpokenText.OfAsync(_espeak, Lesson), chat = await SpokenText.OfAsync(_espeak, Chat);
        long lessonId = _queue.Enqueue(Lesson, priority: 0), chatId = 0;
        long asked = -1;

        List<SpeakingOutput> outputs = await ReadAsync((frames, position) =>
        {
            if (frames != framesBefore) return;
            (chatId, asked) = (_queue.Enqueue(Chat, priority: 1), position);
            // Synthesis is fast, but the reader here is faster than any listener.
            Task.Delay(200).Wait();
            _queue.Complete();
        });

        SpeakingAudio[] audio = [.. outputs.OfType<SpeakingAudio>()];
        Assert.Equal(lesson.Samples, Samples(audio, lessonId));
        Assert.Equal(chat.Samples, Samples(audio, chatId));
        // The audio is lesson, chat, lesson: nothing talks over anything else.
        Assert.Equal([lessonId, chatId, lessonId], audio.Select(a => a.UtteranceId).Where((id, i) => i == 0 || id != audio[i - 1].UtteranceId));
        // The lesson stops exactly at the first word mark that follows the request, and resumes there.
        long cut = audio[Array.FindIndex(audio, a => a.UtteranceId == chatId) - 1].Chunk.EndSample;
        Assert.Equal(lesson.Of(SpeechMarkKind.Word).First(m => m.Sample >= asked).Sample, cut);
        Assert.Equal(cut, audio[Array.FindLastIndex(audio, a => a.UtteranceId == chatId) + 1].Chunk.FirstSample);
        Assert.Equal(
            [SpeakingState.Queued, SpeakingState.Started, SpeakingState.Paused, SpeakingState.Resumed, SpeakingState.Finished],
            States(outputs, lessonId));
        Assert.Equal([SpeakingState.Queued, SpeakingState.Started, SpeakingState.Finished], States(outputs, chatId));
        SpeakingStateChange paused = outputs.OfType<SpeakingStateChange>().Single(c => c.State == SpeakingState.Paused);
        Assert.StartsWith(paused.SpokenText, LessonText);
        Assert.Equal(lesson.Of(SpeechMarkKind.Word).First(m => m.Sample == cut).TextOffset, paused.SpokenText.Length + 1);
        Assert.Equal(lesson.Marks, audio.Where(a => a.UtteranceId == lessonId).SelectMany(a => a.Chunk.Marks));
    }

    [EspeakFact]
    public async Task Equal_priorities_speak_in_turn()
    {
        long first = _queue.Enqueue(Lesson, 0), second = _queue.Enqueue(Chat, 0);
        _queue.Complete();

        List<SpeakingOutput> outputs = await ReadAsync((_, _) => { });

        long[] ids = [.. outputs.OfType<SpeakingAudio>().Select(a => a.UtteranceId)];
        Assert.Equal(ids.Order(), ids);
        Assert.Equal([first, second], ids.Distinct());
    }

    [EspeakFact]
    public async Task Marks_without_audio_come_where_they_stand_and_after_the_last_word()
    {
        const string Marked = "<speak>One <mark name=\"a\"/><break time=\"50ms\"/><mark name=\"b\"/> two.<mark name=\"end\"/></speak>";
        SpokenText expected = await SpokenText.OfAsync(_espeak, new SpeechRequest { Text = Marked, IsSsml = true });
        long id = _queue.Enqueue(new SpeechRequest { Text = Marked, IsSsml = true }, 0);
        _queue.Complete();

        List<SpeakingOutput> outputs = await ReadAsync((_, _) => { });

        Assert.Equal(expected.Samples, Samples(outputs.OfType<SpeakingAudio>(), id));
        Assert.Equal(["a", "b", "end"], outputs.OfType<SpeakingAudio>().SelectMany(a => a.Chunk.Marks).Where(m => m.Kind == SpeechMarkKind.Named).Select(m => m.Name));
        Assert.Equal(expected.Marks, outputs.OfType<SpeakingAudio>().SelectMany(a => a.Chunk.Marks));
        Assert.Equal(SpeakingState.Finished, States(outputs, id)[^1]);
    }

    [EspeakFact]
    public async Task Stop_ends_at_once_and_tells_what_was_said()
    {
        long id = _queue.Enqueue(Lesson, 0);
        _queue.Complete();

        List<SpeakingOutput> outputs = await ReadAsync((frames, _) =>
        {
            if (frames == 60) _queue.StopAll();
        });

        Assert.Equal(60, outputs.OfType<SpeakingAudio>().Count());
        SpeakingStateChange stopped = Assert.IsType<SpeakingStateChange>(outputs[^1]);
        Assert.Equal((id, SpeakingState.Stopped), (stopped.UtteranceId, stopped.State));
        Assert.StartsWith(stopped.SpokenText, LessonText);
        Assert.InRange(stopped.SpokenText.Length, 5, LessonText.Length / 2);
    }

    [EspeakFact]
    public async Task Pause_stops_at_a_word_and_resume_goes_on_there()
    {
        SpokenText lesson = await SpokenText.OfAsync(_espeak, Lesson);
        long id = _queue.Enqueue(Lesson, 0);
        _queue.Complete();
        List<SpeakingOutput> outputs = [];
        await foreach (SpeakingOutput output in _queue.ReadAllAsync(CancellationToken.None))
        {
            outputs.Add(output);
            if (outputs.Count == 20) _queue.Pause();
            if (output is SpeakingStateChange { State: SpeakingState.Paused }) _queue.Resume();
        }

        Assert.Equal(lesson.Samples, Samples(outputs.OfType<SpeakingAudio>(), id));
        Assert.Equal(
            [SpeakingState.Queued, SpeakingState.Started, SpeakingState.Paused, SpeakingState.Resumed, SpeakingState.Finished], States(outputs, id));
    }

    [EspeakFact]
    public async Task Skip_goes_to_the_next_and_replay_begins_again()
    {
        SpokenText chat = await SpokenText.OfAsync(_espeak, Chat);
        long lesson = _queue.Enqueue(Lesson, 0), next = _queue.Enqueue(Chat, 0);
        long? again = null;
        List<SpeakingOutput> outputs = await ReadAsync((frames, _) =>
        {
            if (frames == 10) Assert.True(_queue.Skip());
            if (frames != 20) return;
            again = _queue.Replay(next);
            _queue.Complete();
        });

        Assert.Equal(SpeakingState.Stopped, States(outputs, lesson)[^1]);
        Assert.Equal(SpeakingState.Stopped, States(outputs, next)[^1]);
        Assert.Equal(chat.Samples, Samples(outputs.OfType<SpeakingAudio>(), again!.Value));
        Assert.Null(Record.Exception(() => Assert.Null(_queue.Replay(12345))));
    }

    [EspeakFact]
    public async Task A_full_queue_refuses_and_a_cancelled_reader_leaves()
    {
        for (int i = 0; i < SpeakingQueue.MaxUtterances; i++) _queue.Enqueue(Chat, 0);
        Assert.Throws<InvalidOperationException>(() => _queue.Enqueue(Chat, 0));
        Assert.Throws<SpeechRequestException>(() => new SpeakingQueue(_espeak, TimeProvider.System, UnbrokenWords).Enqueue(Chat with { Voice = "nobody" }, 0));
        using CancellationTokenSource cancellation = new();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (SpeakingOutput _ in _queue.ReadAllAsync(cancellation.Token)) cancellation.Cancel();
        });
    }

    private async Task<List<SpeakingOutput>> ReadAsync(Action<int, long> onFrame)
    {
        List<SpeakingOutput> outputs = [];
        int frames = 0;
        await foreach (SpeakingOutput output in _queue.ReadAllAsync(CancellationToken.None))
        {
            outputs.Add(output);
            if (output is SpeakingAudio audio) onFrame(++frames, audio.Chunk.EndSample);
        }

        return outputs;
    }

    private static float[] Samples(IEnumerable<SpeakingAudio> audio, long id) =>
        [.. audio.Where(a => a.UtteranceId == id).SelectMany(a => a.Chunk.Samples.ToArray())];

    private static SpeakingState[] States(IEnumerable<SpeakingOutput> outputs, long id) =>
        [.. outputs.OfType<SpeakingStateChange>().Where(c => c.UtteranceId == id).Select(c => c.State)];
}
