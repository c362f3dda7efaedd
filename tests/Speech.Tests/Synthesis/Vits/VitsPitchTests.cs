using Inference.Speech.Synthesis.Vits;

namespace Inference.Speech.Tests.Synthesis.Vits;

public class VitsPitchTests
{
    private const int FrameLength = 256, Frames = 40, Margin = 64;

    [Theory]
    [InlineData(0.5f)]
    [InlineData(0.8f)]
    [InlineData(1.25f)]
    [InlineData(2f)]
    public void A_tone_becomes_one_of_the_other_pitch_and_as_much_shorter(float factor)
    {
        const double Turns = 0.03;
        float[] input = Tone(Turns);
        VitsPitch pitch = new([.. Enumerable.Repeat(factor, Frames)], FrameLength);
        float[] output = new float[pitch.Length];

        Assert.Equal(pitch.Length, pitch.Render(input, Frames, 0, output));

        Assert.InRange(output.Length - (input.Length / (double)factor), 0, 1.001);
        for (int i = Margin; i < output.Length - Margin; i++)
        {
            // The window's pass band ripples by 0.1 %.
            Assert.Equal(Math.Sin(Math.Tau * Turns * factor * i) * 0.5, output[i], 1e-3);
        }
    }

    [Fact]
    public void What_the_new_pitch_would_put_above_half_the_rate_is_silent()
    {
        VitsPitch pitch = new([.. Enumerable.Repeat(2f, Frames)], FrameLength);
        float[] output = new float[pitch.Length];
        pitch.Render(Tone(0.35), Frames, 0, output);

        Assert.All(output[Margin..^Margin], sample => Assert.InRange(sample, -1e-3, 1e-3));
    }

    [Fact]
    public void Slices_have_the_bits_of_the_whole_and_a_change_of_pitch_makes_no_click()
    {
        float[] input = Tone(0.01);
        VitsPitch pitch = new([.. Enumerable.Range(0, Frames).Select(i => i % 3 == 0 ? 0.7f : i % 3 == 1 ? 1 : 1.6f)], FrameLength);
        float[] whole = new float[pitch.Length], pieces = new float[pitch.Length];
        pitch.Render(input, Frames, 0, whole);
        int given = 0;
        for (int known = 1; known <= Frames; known += known < 5 ? 1 : 7)
        {
            // What is not known yet must not count.
            float[] partly = [.. input.Select((s, i) => i < known * FrameLength ? s : float.NaN)];
            given = pitch.Render(partly, known, given, pieces);
        }

        given = pitch.Render(input, Frames, given, pieces);

        Assert.Equal(whole.Length, given);
        Assert.Equal(whole, pieces);
        Assert.All(whole[Margin..^Margin].Zip(whole[(Margin + 1)..^Margin]), pair => Assert.InRange(pair.Second - pair.First, -0.06, 0.06));
        Assert.Equal([.. Enumerable.Range(0, Frames + 1).Select(pitch.Start).Order()], Enumerable.Range(0, Frames + 1).Select(pitch.Start));
    }

    private static float[] Tone(double turns) => [.. Enumerable.Range(0, Frames * FrameLength).Select(i => (float)(Math.Sin(Math.Tau * turns * i) * 0.5))];
}
