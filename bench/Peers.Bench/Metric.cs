namespace Inference.Peers.Bench;

/// <summary>What is measured.</summary>
/// <param name="Name">As in the samples and the table.</param>
/// <param name="Unit">Of its values.</param>
/// <param name="Digits">Decimals in the table.</param>
internal sealed record Metric(string Name, string Unit, int Digits)
{
    /// <summary>Tokens of the model that one step computes, where the metric has a limit: see <see cref="Limits"/>.</summary>
    public int? Rows { get; init; }
}
