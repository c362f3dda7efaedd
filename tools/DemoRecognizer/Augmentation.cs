namespace Inference.DemoRecognizer;

/// <summary>What rooms and microphones do to speech: echoes, a filter, noise, loudness, pauses before and after.</summary>
internal static class Augmentation
{
    private const int SampleRate = 16_000;

    /// <summary>A changed copy; a clean one has pauses and another loudness only.</summary>
    public static float[] Apply(Random random, float[] speech, bool isClean)
    {
        int before = random.Next(SampleRate / 20, SampleRate * 2 / 5), after = random.Next(SampleRate / 10, SampleRate * 2 / 5);
        float[] samples = new float[before + speech.Length + after];
        speech.CopyTo(samples, before);
        if (!isClean && random.NextDouble() < 0.4)
        {
            AddEchoes(random, samples);
        }

        if (!isClean && random.NextDouble() < 0.3)
        {
            LowPass(samples, 0.15f + (0.5f * random.NextSingle()));
        }

        if (!isClean && random.NextDouble() < 0.7)
        {
            AddNoise(random, samples, decibels: 5 + (25 * random.NextDouble()), colour: random.NextSingle());
        }

        float peak = samples.Max(Math.Abs);
        float gain = (float)Math.Pow(10, -1.5 * random.NextDouble()) / Math.Max(peak, 1e-4f);
        for (int i = 0; i < samples.Length; i++)
        {
            samples[i] *= gain;
        }

        return samples;
    }

    /// <summary>Noise alone, or nearly silence.</summary>
    public static float[] Background(Random random)
    {
        float[] samples = new float[random.Next(SampleRate / 2, SampleRate * 3)];
        if (random.Next(3) > 0)
        {
            float level = (float)Math.Pow(10, -1 - (3 * random.NextDouble())), colour = random.NextSingle(), state = 0;
            for (int i = 0; i < samples.Length; i++)
            {
                state = (colour * state) + ((random.NextSingle() - 0.5f) * level);
                samples[i] = state;
            }
        }

        return samples;
    }

    /// <summary>Forty to eighty reflections that fall by 60 dB within 0.1 to 0.5 s.</summary>
    private static void AddEchoes(Random random, float[] samples)
    {
        float[] dry = [.. samples];
        double length = SampleRate * (0.1 + (0.4 * random.NextDouble())), strength = 0.1 + (0.25 * random.NextDouble());
        for (int echo = random.Next(40, 80); echo > 0; echo--)
        {
            int delay = (int)(length * Math.Pow(random.NextDouble(), 1.5)) + 20;
            float gain = (float)(strength * Math.Pow(10, -3 * delay / length) * (random.Next(2) == 0 ? 1 : -1));
            if (delay < samples.Length)
            {
                Span<float> late = samples.AsSpan(delay);
                for (int i = 0; i < late.Length; i++)
                {
                    late[i] += gain * dry[i];
                }
            }
        }
    }

    private static void LowPass(float[] samples, float follow)
    {
        float state = 0;
        for (int i = 0; i < samples.Length; i++)
        {
            state += follow * (samples[i] - state);
            samples[i] = state;
        }
    }

    /// <summary>Noise, white (colour 0) to low (1), below the speech's mean power by so many decibels.</summary>
    private static void AddNoise(Random random, float[] samples, double decibels, float colour)
    {
        float[] noise = new float[samples.Length];
        float state = 0;
        double speechPower = 0, noisePower = 0;
        for (int i = 0; i < samples.Length; i++)
        {
            state = (colour * 0.98f * state) + random.NextSingle() - 0.5f;
            noise[i] = state;
            speechPower += samples[i] * samples[i];
            noisePower += state * state;
        }

        float gain = (float)Math.Sqrt(speechPower / Math.Max(noisePower, 1e-9) * Math.Pow(10, -decibels / 10));
        for (int i = 0; i < samples.Length; i++)
        {
            samples[i] += gain * noise[i];
        }
    }
}
