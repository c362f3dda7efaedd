namespace Inference.DemoModel.Corpus;

/// <summary>A question with its answer and, where there is one, the short value that a JSON reply carries.</summary>
/// <param name="Question">The user's words.</param>
/// <param name="Answer">The assistant's words.</param>
/// <param name="Value">Number or short text of the answer; null where the answer is a sentence.</param>
public sealed record Exchange(string Question, string Answer, string? Value = null);
