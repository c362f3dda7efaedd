namespace Inference.Generation;

/// <summary>
/// Counts the tokens that each tenant was served, so that the one with the fewest goes next (the virtual token counter
/// of Sheng et al., "Fairness in Serving Large Language Models", 2024). A tenant that comes back starts no lower than
/// the least of those present: idling earns no credit.
/// </summary>
internal sealed class TenantShares
{
    private readonly Dictionary<string, long> _served = [];
    private readonly Dictionary<string, int> _present = [];

    /// <summary>Tokens served to a tenant, as compared between tenants.</summary>
    public long Served(string tenant) => _served.GetValueOrDefault(tenant);

    /// <summary>A sequence of the tenant arrives.</summary>
    public void Enter(string tenant)
    {
        if (!_present.TryGetValue(tenant, out int count) && _present.Count > 0)
            _served[tenant] = Math.Max(Served(tenant), Least());
        _present[tenant] = count + 1;
    }

    /// <summary>A sequence of the tenant leaves.</summary>
    public void Leave(string tenant)
    {
        if (--_present[tenant] > 0)
            return;
        _present.Remove(tenant);
        long least = _present.Count == 0 ? long.MaxValue : Least();
        foreach ((string other, _) in _served.Where(s => !_present.ContainsKey(s.Key) && s.Value <= least).ToArray())
            _served.Remove(other);
    }

    /// <summary>Counts tokens that a tenant was served.</summary>
    public void Charge(string tenant, int tokens) => _served[tenant] = Served(tenant) + tokens;

    private long Least() => _present.Keys.Min(Served);
}
