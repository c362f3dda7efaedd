using System.Text.RegularExpressions;
using Inference.DemoModel.Corpus;

namespace Inference.DemoModel.Tests;

/// <summary>The stream that the bundled model was trained on (models/demo/README.md) against the questions it is measured by.</summary>
public class HeldOutTests
{
    private const int Seed = 1;
    private const int TrainingConversations = 150_000;

    private readonly DemoCorpus _corpus = new();

    [Fact]
    public void No_held_out_question_is_in_the_training_stream_however_it_is_worded()
    {
        HashSet<string> heldOut = [.. _corpus.HeldOut().Select(q => Plain(q.Messages.First(m => m.Role == "user").Content))];
        List<string> questions = [.. Stream().Where(m => m.Role == "user").Select(m => Plain(m.Content))];

        Assert.InRange(heldOut.Count, 1900, 2500);
        Assert.InRange(questions.Count, TrainingConversations, 5 * TrainingConversations);
        Assert.DoesNotContain(questions, heldOut.Contains);
    }

    [Fact]
    public void No_training_sum_or_difference_is_of_a_held_out_pair()
    {
        List<(int A, int B)> pairs = [.. Stream()
            .Select(m => Regex.Match(m.Content, @"^(\d+) [+-] (\d+) = "))
            .Where(m => m.Success)
            .Select(m => (int.Parse(m.Groups[1].Value), int.Parse(m.Groups[2].Value)))];

        Assert.InRange(pairs.Count, 10_000, int.MaxValue);
        Assert.DoesNotContain(pairs, p => ArithmeticSection.IsHeldOut(p.A, p.B));
    }

    [Fact]
    public void A_tenth_of_the_pairs_is_held_out_whatever_their_order()
    {
        (int A, int B)[] pairs = [.. from a in Enumerable.Range(0, 100) from b in Enumerable.Range(0, 100) select (a, b)];

        Assert.InRange(pairs.Count(p => ArithmeticSection.IsHeldOut(p.A, p.B)), 900, 1100);
        Assert.All(pairs, p => Assert.Equal(ArithmeticSection.IsHeldOut(p.A, p.B), ArithmeticSection.IsHeldOut(p.B, p.A)));
    }

    [Fact]
    public void The_judges_accept_what_the_corpus_would_answer_and_refuse_another_answer()
    {
        EvaluationQuestion product = _corpus.HeldOut().First(q => q.Category == "times tables");
        EvaluationQuestion untaught = _corpus.HeldOut().First(q => q.Category == "unknown");

        Assert.True(product.IsCorrect("1 × 1 = 1"));
        Assert.False(product.IsCorrect("1 × 1 = 2"));
        Assert.True(untaught.IsCorrect(UnknownSection.Answer));
        Assert.False(untaught.IsCorrect("The capital is Paris."));
    }

    private IEnumerable<Message> Stream() => Enumerable.Range(0, TrainingConversations).SelectMany(i => _corpus.Conversation(Seed, i));

    /// <summary>A question without what <see cref="Phrasing.Vary"/> may change.</summary>
    private static string Plain(string question)
    {
        string? opener = Phrasing.Openers.FirstOrDefault(o => question.StartsWith(o, StringComparison.OrdinalIgnoreCase));
        string text = question[(opener?.Length ?? 0)..].ToLowerInvariant();
        return string.Concat((text.EndsWith(" please", StringComparison.Ordinal) ? text[..^7] : text).Where(c => c is not ('.' or '?' or '!')));
    }
}
