namespace Inference.Generation;

/// <summary>Where a request's time went.</summary>
/// <param name="Queue">From arrival to the first step that ran it.</param>
/// <param name="Prefill">From there to the first token.</param>
/// <param name="Decode">From the first token to the last.</param>
/// <param name="TimeToFirstToken">From arrival to the first token.</param>
/// <param name="Total">From arrival to the end.</param>
public sealed record GenerationTiming(TimeSpan Queue, TimeSpan Prefill, TimeSpan Decode, TimeSpan TimeToFirstToken, TimeSpan Total);
