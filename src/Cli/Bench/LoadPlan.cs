namespace Inference.Cli.Bench;

/// <summary>How load is offered.</summary>
/// <param name="Requests">Requests in all.</param>
/// <param name="Concurrency">Requests under way at once, at most.</param>
/// <param name="RatePerSecond">Mean arrivals a second with exponential gaps; null sends as soon as there is room.</param>
/// <param name="Seed">Seed of the arrivals.</param>
internal sealed record LoadPlan(int Requests, int Concurrency, double? RatePerSecond, int Seed);
