namespace Inference.Generation.Adapters;

/// <summary>An adapter finds no room: those in use and those that are pinned take the budget. RESOURCE_EXHAUSTED, HTTP 429.</summary>
public sealed class AdapterBudgetException(string name, long bytes, long held, long budget)
    : Exception($"the adapter \"{name}\" needs {bytes} bytes; adapters in use or pinned hold {held} of the budget of {budget}")
{
    /// <summary>When it is worth trying again.</summary>
    public TimeSpan RetryAfter { get; } = TimeSpan.FromSeconds(1);
}
