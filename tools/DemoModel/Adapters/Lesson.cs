using Inference.DemoModel.Corpus;

namespace Inference.DemoModel.Adapters;

/// <summary>What an adapter of the demo model is taught.</summary>
/// <param name="Conversations">The training data.</param>
/// <param name="Questions">Held-out questions, never trained on.</param>
internal sealed record Lesson(IReadOnlyList<IReadOnlyList<Message>> Conversations, IReadOnlyList<EvaluationQuestion> Questions);
