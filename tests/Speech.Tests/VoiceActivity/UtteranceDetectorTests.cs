using Inference.Speech.VoiceActivity;

namespace Inference.Speech.Tests.VoiceActivity;

public class UtteranceDetectorTests
{
    [Fact]
    public void An_utterance_starts_ends_probably_and_ends()
    {
        Endpointer endpointer = new(new EndpointingOptions());
        List<(int Frame, Endpoint Endpoint)> changes = [];
        float[] probabilities = [.. Enumerable.Repeat(0f, 20), .. Enumerable.Repeat(0.9f, 30), .. Enumerable.Repeat(0f, 40)];
        for (int i = 0; i < probabilities.Length; i++)
        {
            if (endpointer.Next(probabilities[i]) is not Endpoint.None and Endpoint change)
            {
                changes.Add((i, change));
            }
        }

        // The third of 6 frames starts it; 10 frames (320 ms) of silence are the first pass, 24 of 25 frames the end.
        Assert.Equal([(22, Endpoint.Started), (59, Endpoint.ProbablyEnded), (73, Endpoint.Ended)], changes);
    }

    [Fact]
    public void A_pause_within_an_utterance_resumes_it()
    {
        Endpointer endpointer = new(new EndpointingOptions());
        float[] probabilities = [.. Enumerable.Repeat(0.9f, 30), .. Enumerable.Repeat(0f, 15), .. Enumerable.Repeat(0.9f, 30)];

        Endpoint[] changes = [.. probabilities.Select(endpointer.Next).Where(e => e != Endpoint.None)];

        Assert.Equal([Endpoint.Started, Endpoint.ProbablyEnded, Endpoint.Resumed], changes);
    }

    [Fact]
    public void A_click_starts_nothing()
    {
        Endpointer endpointer = new(new EndpointingOptions());

        Assert.All(Enumerable.Range(0, 100), i => Assert.Equal(Endpoint.None, endpointer.Next(i % 20 < 2 ? 1 : 0)));
    }

    [Fact]
    public void An_utterance_without_end_is_ended()
    {
        Endpointer endpointer = new(new EndpointingOptions { LongestUtterance = TimeSpan.FromSeconds(2) });

        Assert.Contains(Endpoint.Ended, Enumerable.Range(0, 100).Select(_ => endpointer.Next(1)));
    }

    [Fact]
    public void No_sample_of_the_utterance_or_of_its_padding_is_lost_or_doubled()
    {
        UtteranceDetector detector = new(new LoudModel(), new EndpointingOptions());
        float[] samples = [.. Enumerable.Range(0, 512 * 100).Select(i => (i / 512) is >= 20 and < 50 ? 0.5f + (i * 1e-6f) : i * 1e-6f)];
        List<float> speech = [];
        Random random = new(3);
        for (int at = 0; at < samples.Length;)
        {
            int count = Math.Min(random.Next(1, 900), samples.Length - at);
            foreach (VoiceFrame frame in detector.Push(samples.AsSpan(at, count)))
            {
                speech.AddRange(frame.Speech.ToArray());
            }

            at += count;
        }

        // Started at frame 22 with 13 frames before it (7 of padding, 6 of history), ended at frame 73.
        Assert.Equal(samples[(512 * 9)..(512 * 74)], speech);
        Assert.Null(detector.End());
    }

    [Theory]
    [InlineData(0, 0.5f, "Threshold")]
    [InlineData(1, 0.5f, "Threshold")]
    [InlineData(0.5f, 0, "StopThreshold")]
    public void Options_out_of_range_are_named(float threshold, float stop, string name)
    {
        ArgumentException exception = Assert.Throws<ArgumentException>(() => new Endpointer(new EndpointingOptions { Threshold = threshold, StopThreshold = stop }));

        Assert.Contains(name, exception.Message, StringComparison.Ordinal);
    }

    private sealed class LoudModel : IVoiceActivityModel, IVoiceActivityDetector
    {
        public string Name => "loud";

        public IVoiceActivityDetector CreateDetector() => this;

        public float Next(ReadOnlySpan<float> frame) => frame[0] >= 0.5f ? 1 : 0;

        public void Dispose()
        {
        }
    }
}
