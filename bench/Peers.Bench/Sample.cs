namespace Inference.Peers.Bench;

/// <summary>One measured number.</summary>
/// <param name="Model">Name of the model file without its extension; "" for the machine.</param>
/// <param name="Metric">A name of <see cref="Metrics"/>.</param>
/// <param name="Contender">Who was measured.</param>
/// <param name="Pair">Measurements of the same pair were taken one after the other.</param>
/// <param name="Value">In the metric's unit.</param>
/// <param name="Commit">Of this repository.</param>
/// <param name="Time">When.</param>
internal sealed record Sample(string Model, string Metric, string Contender, string Pair, double Value, string Commit, DateTimeOffset Time);
