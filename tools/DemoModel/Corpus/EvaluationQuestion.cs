namespace Inference.DemoModel.Corpus;

/// <summary>A question that training never shows, with the judge of its answers.</summary>
/// <param name="Category">What accuracy is reported by.</param>
/// <param name="Messages">The conversation up to the user's question.</param>
/// <param name="IsCorrect">Whether an answer is right.</param>
public sealed record EvaluationQuestion(string Category, IReadOnlyList<Message> Messages, Func<string, bool> IsCorrect);
