using Polly.CircuitBreaker;

namespace Inference.ClientLib.Connections;

/// <summary>The endpoints, taken in turn; those with an open circuit are passed over.</summary>
internal sealed class EndpointPool(InferenceClientOptions options) : IDisposable
{
    private readonly Endpoint[] _endpoints = [.. options.Addresses.Select(address => new Endpoint(address, options))];
    private uint _turn = uint.MaxValue;

    public int Count => _endpoints.Length;

    /// <summary>Runs a call at the next endpoint whose circuit lets it through.</summary>
    /// <exception cref="ServerUnavailableException">All circuits are open.</exception>
    public async ValueTask<T> ExecuteAsync<T>(Func<Endpoint, CancellationToken, ValueTask<T>> call, CancellationToken cancellation)
    {
        uint turn = Interlocked.Increment(ref _turn);
        BrokenCircuitException? broken = null;
        for (uint i = 0; i < _endpoints.Length; i++)
        {
            Endpoint endpoint = _endpoints[(turn + i) % _endpoints.Length];
            if (endpoint.IsOpen && i + 1 < _endpoints.Length)
            {
                continue;
            }

            try
            {
                return await endpoint.Circuit.ExecuteAsync(token => call(endpoint, token), cancellation);
            }
            catch (BrokenCircuitException e)
            {
                broken = e;
            }
        }

        throw new ServerUnavailableException(
            $"all {_endpoints.Length} servers failed too often and are left alone for a while", broken!.RetryAfter, broken);
    }

    public void Dispose()
    {
        foreach (Endpoint endpoint in _endpoints)
        {
            endpoint.Dispose();
        }
    }
}
