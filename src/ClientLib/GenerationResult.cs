using Inference.Contracts.V1;

namespace Inference.ClientLib;

/// <summary>A generation from its first message to its last.</summary>
/// <param name="RequestId">The server's id of the request.</param>
/// <param name="Model">The model that answered.</param>
/// <param name="Answers">One each of the request's n, in order.</param>
/// <param name="Usage">Tokens of prompt and answers.</param>
/// <param name="Timing">Durations as the server saw them.</param>
public sealed record GenerationResult(
    string RequestId, string Model, IReadOnlyList<GeneratedAnswer> Answers, Usage Usage, Timing Timing)
{
    /// <summary>The first answer's text.</summary>
    public string Text => Answers.Count > 0 ? Answers[0].Text : "";
}
