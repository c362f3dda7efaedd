using Inference.Generation.Sampling;

namespace Inference.Generation;

/// <summary>A token that an answer got.</summary>
/// <param name="Choice">The token with its log-probabilities.</param>
/// <param name="IsStop">It ends the answer and has no text.</param>
/// <param name="Finish">Set where the answer ends with it.</param>
/// <param name="Text">Its text, where that decides over the end; null where it is still to be made.</param>
internal readonly record struct ChosenToken(TokenChoice Choice, bool IsStop, FinishReason? Finish, string? Text);
