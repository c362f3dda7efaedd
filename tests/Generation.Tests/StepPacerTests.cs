namespace Inference.Generation.Tests;

/// <summary>
/// Schedules on a machine that exists on paper: a step takes as long as the weights take to be read, or as its rows take
/// to be computed where that is longer, and attention besides.
/// </summary>
public class StepPacerTests
{
    private const double ReadSeconds = 0.024;
    private const double RowSeconds = 0.0012;

    /// <summary>A prompt token is a twentieth of a step here, so that the bound is one more than the stretch.</summary>
    [Theory]
    [InlineData(1.25, 1.32)]
    [InlineData(1.6, 1.7)]
    [InlineData(2, 2.1)]
    public void Streams_stay_even_while_a_long_prompt_comes_in(double stretch, double bound)
    {
        Machine machine = new(new LlmEngineOptions { MaxStepStretch = stretch });
        machine.Decode(7, 40);
        double without = machine.Times[^1];
        Sequence prompt = machine.Add(8_192);
        List<double> times = machine.RunUntil(() => prompt.Remaining == 1);

        Assert.InRange(times.Order().ElementAt((int)(0.99 * times.Count)) / without, 1, bound);
        Assert.InRange(times.Average() / without, 1, stretch + 0.05);

        // What the stretch allows is used: the prompt is not slower than rows beside the streams must be.
        double rows = stretch * ReadSeconds / (RowSeconds * 1.35);
        Assert.InRange(times.Count, 1, 8_192 / (rows - 7));
    }

    [Fact]
    public void A_short_prompt_goes_in_at_once()
    {
        Machine machine = new(new LlmEngineOptions());
        machine.Prefill(512);
        machine.Decode(7, 40);
        Sequence prompt = machine.Add(60);

        Assert.Single(machine.RunUntil(() => prompt.Remaining == 1));
    }

    [Fact]
    public void Those_who_wait_weigh_more_where_they_are_more()
    {
        Machine machine = new(new LlmEngineOptions { PrefillChunk = 512 });
        machine.Prefill(512);
        machine.Decode(1, 40);
        Sequence[] many = [.. Enumerable.Range(0, 7).Select(_ => machine.Add(32))];

        Assert.Single(machine.RunUntil(() => many.All(s => s.Remaining == 1)));
    }

    [Fact]
    public void With_nobody_decoding_chunks_are_full()
    {
        Machine machine = new(new LlmEngineOptions { PrefillChunk = 256 });
        machine.Decode(7, 40);
        machine.RemoveAll();
        Sequence prompt = machine.Add(2_305);

        Assert.Equal(9, machine.RunUntil(() => prompt.Remaining == 1).Count);
    }

    [Fact]
    public void A_prompt_of_higher_priority_is_not_held_back()
    {
        Machine machine = new(new LlmEngineOptions { PrefillChunk = 256 });
        machine.Decode(7, 40);
        Sequence prompt = machine.Add(1_024, priority: 1);

        Assert.Equal(4, machine.RunUntil(() => prompt.Remaining == 1).Count);
    }

    [Fact]
    public void A_machine_under_prompts_from_the_start_takes_one_step_without_them_to_learn()
    {
        Machine machine = new(new LlmEngineOptions());
        machine.Add(200);
        machine.Step();
        Sequence prompt = machine.Add(4_000);
        machine.Step();
        Assert.Equal(ReadSeconds, machine.Times[^1], 1e-3);

        Assert.InRange(machine.RunUntil(() => prompt.Remaining == 1).Skip(20).Max(), ReadSeconds, 2 * ReadSeconds);
    }

    [Fact]
    public void One_slow_step_does_not_change_the_pace()
    {
        StepPacer pacer = new(1.25, new RowCosts(8));
        for (int i = 0; i < 50; i++)
            pacer.Learn(4, 4, 0, 0, 0.04);
        pacer.Learn(4, 4, 0, 0, 5);
        for (int i = 0; i < 10; i++)
            pacer.Learn(4, 4, 0, 0, 0.04);
        pacer.Learn(0, 0, 1, 100, 0.1);
        for (int i = 0; i < 100; i++)
            pacer.Learn(4, 4, 1, 10, 0.05);
        for (int i = 0; i < 30; i++)
            pacer.Learn(4, 4, 0, 0, 0.04);

        // A quarter of a step of 40 ms, at 1 ms a token, is 10. What was saved up pays for 4 steps more.
        Assert.Equal(50, pacer.PrefillTokens(4, 4, 1, 50));
        Assert.InRange(pacer.PrefillTokens(4, 4, 1, 1_000), 9, 11);
        Assert.InRange(pacer.PrefillTokens(4, 4, 8, 1_000), 18, 22);
        Assert.Equal(int.MaxValue, pacer.PrefillTokens(0, 0, 1, 1_000));
    }

    [Fact]
    public void Noise_of_the_machine_neither_slows_a_long_prompt_down_nor_hurries_it()
    {
        const double Without = 0.02;
        StepPacer pacer = new(2, new RowCosts(8));
        Random random = new(1);
        int position = 0;
        double ideal = 0, taken = 0;
        for (int i = 0; i < 3_000; i++)
        {
            double token = 0.0015 + (position * 1e-7);
            int tokens = i == 0 ? 0 : pacer.PrefillTokens(7, 7, 1, 100_000);
            double noise = 1 + (0.2 * random.NextDouble()) + (random.Next(20) == 0 ? 1.5 : 0);
            pacer.Learn(7, 7, 1, tokens, (Without + (tokens * token)) * noise);
            position += tokens;
            if (i > 100)
                (ideal, taken) = (ideal + (Without / token), taken + tokens);
        }

        Assert.InRange(taken / ideal, 0.75, 1.2);
    }

    [Fact]
    public void The_pace_follows_streams_whose_contexts_grow()
    {
        StepPacer pacer = new(1.25, new RowCosts(8));
        double stretch = 0;
        for (int i = 0; i < 2_000; i++)
        {
            double without = 0.02 * (1 + (i * 0.001));
            int tokens = i == 0 ? 0 : pacer.PrefillTokens(7, 7, 1, 100_000);
            pacer.Learn(7, 7, 1, tokens, without + (tokens * 0.001));
            stretch = Math.Max(stretch, tokens * 0.001 / without);
        }

        // A quarter of 60 ms, at 1 ms a token.
        pacer.Learn(7, 7, 1, 0, 0.06);
        Assert.InRange(pacer.PrefillTokens(7, 7, 1, 100_000), 11, 17);
        Assert.InRange(stretch, 0.2, 0.3);
    }

    private sealed class Machine
    {
        private readonly Scheduler _scheduler;
        private readonly List<Sequence> _all = [];

        public Machine(LlmEngineOptions options)
        {
            BlockManager blocks = new(4_096, 16);
            _scheduler = new Scheduler(options, blocks, new PrefixCache(blocks));
        }

        public List<double> Times { get; } = [];

        public Sequence Add(int tokens, int priority = 0)
        {
            int first = _all.Count * 100_000;
            Sequence sequence = new(_all.Count, 0, Enumerable.Range(first, tokens)) { Priority = priority };
            _all.Add(sequence);
            _scheduler.Add(sequence);
            return sequence;
        }

        public void Prefill(int tokens)
        {
            Sequence prompt = Add(tokens);
            RunUntil(() => prompt.Remaining == 1);
            RemoveAll();
        }

        public void Decode(int streams, int steps)
        {
            for (int i = 0; i < streams; i++)
                Add(10);
            for (int i = 0; i < steps; i++)
                Step();
        }

        public void RemoveAll()
        {
            _all.ForEach(_scheduler.Remove);
        }

        public List<double> RunUntil(Func<bool> done)
        {
            int begin = Times.Count;
            do
            {
                Step();
                Assert.True(Times.Count < 20_000, "it ends");
            }
            while (!done());
            return Times[begin..];
        }

        public void Step()
        {
            ScheduledStep step = _scheduler.Schedule();
            double attention = step.Items.Sum(i => (double)i.Count * i.First) * 1e-8;
            Times.Add(Math.Max(ReadSeconds, step.TokenCount * RowSeconds) + attention);
            foreach (ScheduledSequence item in step.Items)
            {
                bool samples = item.Samples;
                _scheduler.Advance(item);
                if (samples)
                    item.Sequence.Append(7);
            }

            _scheduler.Learn(step, TimeSpan.FromSeconds(Times[^1]));
        }
    }
}
