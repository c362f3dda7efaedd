using Inference.Cli.Bench;

namespace Inference.Cli.Tests;

public class BenchPromptsTests
{
    [Fact]
    public void Requests_share_the_first_words_and_differ_in_the_rest()
    {
        BenchPrompts prompts = new(sharedWords: 40, ownWords: 10, seed: 3);
        string[][] words = [.. Enumerable.Range(0, 20).Select(i => prompts[i].Split(' ', StringSplitOptions.RemoveEmptyEntries))];

        Assert.All(words, w => Assert.Equal(50, w.Length));
        Assert.Single(words.Select(w => string.Join(' ', w[..40])).Distinct());
        Assert.Equal(20, words.Select(w => string.Join(' ', w[40..])).Distinct().Count());
    }

    [Fact]
    public void The_same_seed_gives_the_same_prompts_and_another_seed_others()
    {
        Assert.Equal(new BenchPrompts(5, 5, 3)[7], new BenchPrompts(5, 5, 3)[7]);
        Assert.NotEqual(new BenchPrompts(5, 5, 3)[7], new BenchPrompts(5, 5, 4)[7]);
    }
}
