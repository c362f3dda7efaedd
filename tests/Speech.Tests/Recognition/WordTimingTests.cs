using Inference.Speech.Recognition;

namespace Inference.Speech.Tests.Recognition;

public sealed class WordTimingTests
{
    [Fact]
    public void The_path_follows_the_cheap_cells()
    {
        float[][] costs = [[0, 0, 9, 9, 9], [9, 9, 0, 9, 9], [9, 9, 9, 0, 0]];
        Assert.Equal([(0, 0), (0, 1), (1, 2), (2, 3), (2, 4)], DynamicTimeWarping.Path(costs));
    }

    [Fact]
    public void The_path_costs_as_little_as_the_best_of_all_paths()
    {
        Random random = new(3);
        for (int round = 0; round < 30; round++)
        {
            int rows = random.Next(1, 6), columns = random.Next(1, 6);
            float[][] costs = [.. Enumerable.Range(0, rows).Select(_ => Enumerable.Range(0, columns).Select(_ => random.NextSingle() - 0.5f).ToArray())];
            (int Row, int Column)[] path = DynamicTimeWarping.Path(costs);
            Assert.Equal((0, 0), path[0]);
            Assert.Equal((rows - 1, columns - 1), path[^1]);
            Assert.Equal(Best(costs, 0, 0), path.Sum(p => costs[p.Row][p.Column]), 1e-5f);
        }
    }

    [Fact]
    public void Words_begin_with_spaces_and_punctuation_stays_with_its_word()
    {
        WhisperVocabulary vocabulary = SmallVocabulary.Create();
        int[] tokens = [.. " two words, ok"u8.ToArray().Select(b => (int)b)];
        Assert.Equal([" two", " words,", " ok"], WordAligner.Split(vocabulary, "en", tokens).Select(w => w.Text));
        Assert.Equal((4, 7), WordAligner.Split(vocabulary, "en", tokens).Skip(1).Select(w => (w.First, w.Count)).First());
    }

    [Fact]
    public void Characters_of_several_tokens_stay_whole_where_words_have_no_spaces()
    {
        WhisperVocabulary vocabulary = SmallVocabulary.Create();
        int[] tokens = [.. "语言"u8.ToArray().Select(b => (int)b)];
        Assert.Equal(["语", "言"], WordAligner.Split(vocabulary, "zh", tokens).Select(w => w.Text));
    }

    private static float Best(float[][] costs, int row, int column)
    {
        if (row == costs.Length || column == costs[0].Length)
        {
            return float.PositiveInfinity;
        }

        if (row == costs.Length - 1 && column == costs[0].Length - 1)
        {
            return costs[row][column];
        }

        return costs[row][column] + Math.Min(Best(costs, row + 1, column + 1), Math.Min(Best(costs, row + 1, column), Best(costs, row, column + 1)));
    }
}
