using Inference.ClientLib.Connections;

namespace Inference.ClientLib;

/// <summary>
/// The services of one or several inference servers, with connection pooling, balancing, retry and circuit breaking.
/// Thread-safe; keep one for the life of the program.
/// </summary>
public sealed class InferenceClient : IDisposable
{
    private readonly EndpointPool _pool;

    /// <exception cref="ArgumentException">An option is out of its range, or an address is not http or https.</exception>
    public InferenceClient(InferenceClientOptions options)
    {
        options.Validate();
        _pool = new EndpointPool(options);
        CallInvoker invoker = new(_pool, options);
        Generation = new GenerationClient(invoker);
        Models = new ModelClient(invoker);
        Adapters = new AdapterClient(invoker);
        FineTuning = new FineTuningClient(invoker);
        Speech = new SpeechClient(invoker);
        Options = options;
    }

    /// <param name="address">Of one server, http or https.</param>
    /// <param name="apiKey">Null: none.</param>
    public InferenceClient(Uri address, string? apiKey = null)
        : this(new InferenceClientOptions { Addresses = [address], ApiKey = apiKey })
    {
    }

    public InferenceClientOptions Options { get; }

    /// <summary>Text generation, tokens and chat templates.</summary>
    public GenerationClient Generation { get; }

    /// <summary>The models of the servers.</summary>
    public ModelClient Models { get; }

    /// <summary>Fine-tuning jobs and their data sets.</summary>
    public FineTuningClient FineTuning { get; }

    /// <summary>Speech of voice hosts.</summary>
    public SpeechClient Speech { get; }

    /// <summary>The adapters of the servers' models.</summary>
    public AdapterClient Adapters { get; }

    /// <summary>Closes the connections; running calls fail.</summary>
    public void Dispose() => _pool.Dispose();
}
