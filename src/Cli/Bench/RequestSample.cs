namespace Inference.Cli.Bench;

/// <summary>What one request of a load run saw.</summary>
/// <param name="Tokens">Tokens received.</param>
/// <param name="FirstToken">From sending to the first token; null where none came.</param>
/// <param name="Total">From sending to the end.</param>
/// <param name="Gaps">Time between messages that carried tokens, shared out over the tokens of the later one.</param>
/// <param name="Error">What went wrong, or null.</param>
internal sealed record RequestSample(int Tokens, TimeSpan? FirstToken, TimeSpan Total, IReadOnlyList<TimeSpan> Gaps, string? Error);
