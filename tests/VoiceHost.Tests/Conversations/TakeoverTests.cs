using Inference.Speech.Audio;
using Inference.Speech.Conversation;
using Inference.Speech.Synthesis;
using Inference.TestSupport;
using Inference.VoiceHost.Conversations;
using static Inference.Contracts.Speech.V1.SpeakingChange.Types;

namespace Inference.VoiceHost.Tests.Conversations;

/// <summary>A lesson is interrupted by a chat, on the listener's clock: audio is sent ahead of being heard, and taken back.</summary>
public class TakeoverTests
{
    private const string Lesson = "The quick brown fox jumps over the extraordinarily lazy dog near the old stone bridge. Then it sleeps under a tree.";
    private const string Chat = "Somebody asks.";
    private const int Rate = 22_050;
    private const int LessonId = 1, ChatId = 2;

    private static readonly TimeSpan Within = TimeSpan.FromMilliseconds(100);
    private static readonly Task<RecordedSpeech> Recorded = RecordedSpeech.OfAsync(Lesson, Chat);

    [Theory]
    [InlineData(40)]
    [InlineData(200)]
    [InlineData(2000)]
    public async Task A_chat_is_heard_within_100_ms_and_the_lesson_goes_on_at_a_word_and_no_word_is_lost_or_said_whole_twice(int leadMilliseconds)
    {
        RecordedSpeech speech = await Recorded;
        (float[] lesson, long[] words) = (speech.Samples(Lesson), speech.Words(Lesson));
        int between = 0, broken = 0;
        for (int asked = 150; asked < 4_500; asked += 187)
        {
            Listener listener = Run(speech, new SpeakerSettings(Output, TimeSpan.FromMilliseconds(leadMilliseconds), Within, false), TimeSpan.FromMilliseconds(asked));

            double askedAt = listener.Heard[0].Time + (asked / 1000.0);
            (long stop, long resume) = Break(listener);
            double chat = listener.Heard.First(h => h.Utterance == ChatId).Time;
            Assert.InRange(chat - askedAt, 0, 0.1);
            // Nobody waits in silence, and the chat is one piece.
            Assert.InRange(chat - listener.Heard.Last(h => h.Utterance == LessonId && h.Time < chat).Time, 0, 0.001);
            AssertSame(speech.Samples(Chat), listener.Samples(ChatId));
            float[] heard = listener.Samples(LessonId);
            AssertSame(lesson.AsSpan(0, (int)stop), heard.AsSpan(0, (int)stop));
            AssertSame(lesson.AsSpan((int)resume), heard.AsSpan((int)stop));
            if (resume == stop)
            {
                // At a word's mark, or in the silence before it.
                long next = words.Append(lesson.Length).First(w => w >= stop);
                Assert.DoesNotContain(lesson[(int)stop..(int)next], s => s is < -0.01f or > 0.01f);
                between++;
            }
            else
            {
                // Within a word, whose mark it goes on at, since none followed in time.
                Assert.Equal(words.Last(w => w <= stop), resume);
                long until = (long)((askedAt - listener.Heard[0].Time + 0.08) * Rate) - (Rate / 50);
                Assert.DoesNotContain(words, w => w > stop && w < until);
                broken++;
            }

            Assert.Equal([State.Queued, State.Started, State.Paused, State.Resumed, State.Finished], States(listener, LessonId));
        }

        Assert.InRange(between, 4, 20);
        Assert.InRange(broken, 4, 20);
    }

    [Fact]
    public async Task With_time_for_it_no_word_is_broken_off()
    {
        RecordedSpeech speech = await Recorded;
        for (int asked = 150; asked < 4_500; asked += 290)
        {
            Listener listener = Run(speech, new SpeakerSettings(Output, TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(2), false), TimeSpan.FromMilliseconds(asked));

            (long stop, long resume) = Break(listener);
            Assert.Equal(stop, resume);
            AssertSame(speech.Samples(Lesson), listener.Samples(LessonId));
        }
    }

    [Fact]
    public async Task A_client_that_plays_all_it_was_sent_hears_the_chat_later_by_as_much()
    {
        RecordedSpeech speech = await Recorded;
        for (int asked = 150; asked < 4_000; asked += 290)
        {
            Listener listener = Run(speech, new SpeakerSettings(Output, TimeSpan.FromMilliseconds(200), Within, true), TimeSpan.FromMilliseconds(asked));

            (long stop, long resume) = Break(listener);
            Assert.True(resume <= stop);
            Assert.Equal(listener.Sample(listener.Changes.Single(c => c.State == State.Paused).HeardUntil), stop);
            Assert.InRange(listener.Heard.First(h => h.Utterance == ChatId).Time - listener.Heard[0].Time - (asked / 1000.0), 0, 0.3);
        }
    }

    [Fact]
    public async Task A_pause_is_silent_within_100_ms_and_a_text_that_is_still_being_written_does_not_keep_a_chat_waiting()
    {
        RecordedSpeech speech = await Recorded;
        ManualTime time = new();
        Listener listener = new(time, Rate);
        await using Speaker speaker = new(speech, new SpeakerSettings(Output, TimeSpan.FromMilliseconds(200), Within, false), time, listener.TakeAsync, _ => { }, _ => { });
        GrowingText answer = new();
        answer.Append(Chat + " ");
        speaker.Say(new SpeechRequest { Text = "" }, answer, 0, 1);
        Task run = Task.Run(() => speaker.RunAsync(CancellationToken.None));
        // The model has fallen silent, after a sentence that was said.
        Play(time, () => listener.Samples(LessonId).Length == speech.Samples(Chat).Length);

        speaker.Say(new SpeechRequest { Text = Lesson }, 5, "chat");
        Play(time, () => listener.StateOf(ChatId) == State.Started);
        double began = listener.Heard.First(h => h.Utterance == ChatId).Time;
        Play(time, () => Seconds(time) > began + 1);
        double pausedAt = Seconds(time);
        speaker.Pause(true);
        Play(time, () => listener.StateOf(ChatId) == State.Paused);
        double silentAt = listener.Heard[^1].Time;
        speaker.Pause(false);
        answer.Complete();
        speaker.Complete();
        Play(time, () => run.IsCompleted);

        await run;
        Assert.InRange(silentAt - pausedAt, 0, 0.1);
        Assert.Equal([State.Queued, State.Started, State.Paused, State.Resumed, State.Finished], States(listener, LessonId));
        Assert.Equal([State.Queued, State.Started, State.Paused, State.Resumed, State.Finished], States(listener, ChatId));
    }

    private static void AssertSame(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual) =>
        Assert.True(expected.SequenceEqual(actual), $"{expected.Length} samples, not {actual.Length}, or others");

    private static AudioOutput Output { get; } = new(AudioEncoding.Float32, null);

    private static IEnumerable<State> States(Listener listener, long id) => listener.Changes.Where(c => c.UtteranceId == id).Select(c => c.State);

    private static double Seconds(ManualTime time) => time.GetTimestamp() / (double)time.TimestampFrequency;

    /// <summary>The lesson from its beginning to its end, and a chat after so much of it was heard.</summary>
    private static Listener Run(RecordedSpeech speech, SpeakerSettings settings, TimeSpan asked)
    {
        ManualTime time = new();
        Listener listener = new(time, Rate);
        Speaker speaker = new(speech, settings, time, listener.TakeAsync, _ => { }, _ => { });
        speaker.Say(new SpeechRequest { Text = Lesson }, 0, "lesson");
        Task run = Task.Run(() => speaker.RunAsync(CancellationToken.None));
        Play(time, () => false, asked);
        speaker.Say(new SpeechRequest { Text = Chat }, 1, "chat");
        speaker.Complete();
        Play(time, () => run.IsCompleted);
        run.GetAwaiter().GetResult();
        return listener;
    }

    /// <summary>Where the lesson stopped, and where it went on.</summary>
    private static (long Stop, long Resume) Break(Listener listener)
    {
        int chat = listener.Heard.ToList().FindIndex(h => h.Utterance == ChatId);
        return (listener.Heard[chat - 1].Sample + 1, listener.Heard.Skip(chat).First(h => h.Utterance == LessonId).Sample);
    }

    /// <summary>Moves the clock, from one thing that waits for it to the next, until something is so; at most by a time.</summary>
    private static void Play(ManualTime time, Func<bool> isSo, TimeSpan? most = null)
    {
        long end = most is { } limit ? time.GetTimestamp() + limit.Ticks : long.MaxValue;
        SpinWait wait = default;
        while (!isSo() && time.GetTimestamp() < end)
        {
            if (time.UntilNext is { } step)
            {
                time.Advance(TimeSpan.FromTicks(Math.Min(step.Ticks, end - time.GetTimestamp())));
                wait.Reset();
            }
            else
            {
                wait.SpinOnce();
                Assert.True(wait.Count < 10_000, "nobody moves");
            }
        }
    }
}
