namespace Inference.Peers.Bench;

/// <summary>An engine that runs GGUF files. Values by metric name.</summary>
internal interface IContender
{
    string Name { get; }

    /// <summary>Prefill of 512 tokens, then 64 tokens at batch 1 from an empty context; without sampling, after a warm-up.</summary>
    Task<IReadOnlyDictionary<string, double>> PrefillAndDecodeAsync(string model, CancellationToken cancellation);

    /// <summary>Decode of several sequences at once, 32 tokens each after prompts of 32.</summary>
    Task<IReadOnlyDictionary<string, double>> BatchedDecodeAsync(string model, CancellationToken cancellation);

    /// <summary>Starts a server.</summary>
    /// <param name="model">The file.</param>
    /// <param name="port">For HTTP, on the loopback address.</param>
    /// <param name="slots">Requests that run at once.</param>
    /// <param name="contextTokens">Tokens that the KV cache holds, of all requests together.</param>
    ChildProcess StartServer(string model, int port, int slots, int contextTokens);
}
