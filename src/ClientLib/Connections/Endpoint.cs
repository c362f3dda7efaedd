using Inference.Rpc;
using Inference.Rpc.Client;
using Polly;
using Polly.CircuitBreaker;

namespace Inference.ClientLib.Connections;

/// <summary>One address: its connections and its circuit.</summary>
internal sealed class Endpoint : IDisposable
{
    private readonly CircuitBreakerStateProvider _state = new();

    public Endpoint(Uri address, InferenceClientOptions options)
    {
        Channel = new RpcChannel(address, new RpcChannelOptions
        {
            Tls = options.Tls,
            ConnectTimeout = options.ConnectTimeout,
            MaxReceiveMessageBytes = options.MaxReceiveMessageBytes,
            Time = options.Time,
        });
        Circuit = new ResiliencePipelineBuilder { TimeProvider = options.Time }
            .AddCircuitBreaker(new CircuitBreakerStrategyOptions
            {
                FailureRatio = options.CircuitBreaker.FailureRatio,
                MinimumThroughput = options.CircuitBreaker.MinimumCalls,
                SamplingDuration = options.CircuitBreaker.SamplingDuration,
                BreakDuration = options.CircuitBreaker.BreakDuration,
                ShouldHandle = new PredicateBuilder().Handle<RpcException>(e => e.StatusCode == StatusCode.Unavailable),
                StateProvider = _state,
            })
            .Build();
    }

    public RpcChannel Channel { get; }

    /// <summary>Runs calls, and throws BrokenCircuitException in place of one while it is open.</summary>
    public ResiliencePipeline Circuit { get; }

    public bool IsOpen => _state.CircuitState is CircuitState.Open or CircuitState.Isolated;

    public void Dispose() => Channel.Dispose();
}
