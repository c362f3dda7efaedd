using System.Globalization;
using Inference.ClientLib;
using Inference.Contracts.Speech.V1;
using static Inference.Contracts.Speech.V1.SpeakingChange.Types;

namespace Inference.VoiceHost.Tests.Conversations;

/// <summary>What /metrics tells of speech.</summary>
public class VoiceMetricsTests(ConversationFixture voice) : IClassFixture<ConversationFixture>
{
    [Fact]
    public async Task Conversations_their_turns_and_the_audio_of_both_sides_are_counted()
    {
        double syntheses = await MetricAsync("speech_synthesis_requests_total", "engine=\"espeak-ng\"", "outcome=\"success\"");
        double spoken = await MetricAsync("speech_synthesis_audio_seconds_total", "engine=\"espeak-ng\"");
        await using (TestConversation conversation = voice.Converse("plants"))
        {
            await conversation.SayAsync(voice.Voice);
            await conversation.WaitAsync(State.Finished, s => s.Turn == 1);
            Assert.Equal((1, 1), (await MetricAsync("conversations_running"), await MetricAsync("speech_recognition_streams_running")));
            await conversation.EndAsync();
        }

        Assert.Equal((0, 0), (await MetricAsync("conversations_running"), await MetricAsync("speech_recognition_streams_running")));
        Assert.Equal(1, await MetricAsync("conversation_answers_total", "reason=\"complete\""));
        Assert.Equal(1, await MetricAsync("conversation_voice_to_voice_seconds_count"));
        Assert.Equal(
            await MetricAsync("conversation_voice_to_voice_seconds_sum"),
            await MetricAsync("conversation_end_of_utterance_seconds_sum") + await MetricAsync("conversation_first_token_seconds_sum") + await MetricAsync("conversation_first_audio_seconds_sum"), 1e-6);
        Assert.InRange(await MetricAsync("speech_recognition_audio_seconds_total", "kind=\"stream\""), 1, 5);
        Assert.True(await MetricAsync("speech_synthesis_requests_total", "engine=\"espeak-ng\"", "outcome=\"success\"") > syntheses);
        Assert.InRange(await MetricAsync("speech_synthesis_audio_seconds_total", "engine=\"espeak-ng\"") - spoken, 0.3, 10);
    }

    [Fact]
    public async Task A_text_that_cannot_be_spoken_is_counted_as_refused_and_one_that_is_left_as_cancelled()
    {
        await Assert.ThrowsAsync<InvalidRequestException>(async () =>
        {
            await foreach (SynthesizeResponse response in voice.Client.Speech.SynthesizeAsync(new SynthesizeRequest { Text = "x", Rate = 9 }))
            {
                Assert.Fail($"spoke {response.Audio.Length} bytes");
            }
        });
        await foreach (SynthesizeResponse response in voice.Client.Speech.SynthesizeAsync(new SynthesizeRequest { Text = string.Concat(Enumerable.Repeat("One more sentence. ", 2_000)) }))
        {
            break;
        }

        Assert.Equal(1, await MetricAsync("speech_synthesis_requests_total", "outcome=\"refused\""));
        using CancellationTokenSource limit = new(TimeSpan.FromSeconds(20));
        while (await MetricAsync("speech_synthesis_requests_total", "outcome=\"cancelled\"") < 1)
        {
            await Task.Delay(50, limit.Token);
        }
    }

    /// <summary>The sum of a metric's lines that have all of these labels; 0 without any.</summary>
    private async Task<double> MetricAsync(string name, params string[] labels)
    {
        using HttpClient http = new() { BaseAddress = voice.HttpAddress };
        string text = await http.GetStringAsync("/metrics");
        return text.Split('\n')
            .Where(line => line.StartsWith($"inference_{name}", StringComparison.Ordinal) && line[$"inference_{name}".Length] is '{' or ' ' && labels.All(line.Contains))
            .Sum(line => double.Parse(line.Split(' ')[1], CultureInfo.InvariantCulture));
    }
}
