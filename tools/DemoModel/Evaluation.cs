using Inference.DemoModel.Corpus;
using Inference.Text.Tokenizers;

namespace Inference.DemoModel;

/// <summary>How a model answered questions.</summary>
/// <param name="Asked">Questions.</param>
/// <param name="Unended">Answers that did not end by themselves.</param>
/// <param name="Wrong">The questions that were not answered rightly.</param>
internal sealed record Evaluation(int Asked, int Unended, IReadOnlyList<(EvaluationQuestion Question, string Answer)> Wrong)
{
    /// <summary>Questions that were answered rightly.</summary>
    public int Right => Asked - Wrong.Count;

    /// <summary>Their share.</summary>
    public double Percent => 100.0 * Right / Math.Max(1, Asked);

    /// <summary>Asks, and judges the answers.</summary>
    public static Evaluation Of(
        GreedyDecoder decoder, ConversationEncoder encoder, Tokenizer tokenizer, IReadOnlyList<EvaluationQuestion> questions, int maxTokens)
    {
        int unended = 0;
        List<(EvaluationQuestion, string)> wrong = [];
        foreach (EvaluationQuestion[] chunk in questions.Chunk(GreedyDecoder.SequencesAtOnce))
        {
            int[]?[] answers = decoder.Answer([.. chunk.Select(q => encoder.Prompt(q.Messages))], maxTokens);
            unended += answers.Count(a => a is null);
            wrong.AddRange(chunk
                .Zip(answers, (q, a) => (q, Answer: a is null ? "" : tokenizer.Decode(a)))
                .Where(p => !p.q.IsCorrect(p.Answer)));
        }

        return new Evaluation(questions.Count, unended, wrong);
    }
}
