using Inference.Models;
using Inference.Models.Layers;
using Inference.Models.Lora;
using Inference.Models.Weights;
using Inference.Tensors;

namespace Inference.Training.FineTuning;

/// <summary>
/// A frozen base, its weights as they are on disk, with a new adapter in F32. What is no <see cref="FineTunableBase"/> is refused by name.
/// </summary>
internal sealed class AdaptedModel : IDisposable
{
    private readonly ModelWeights _weights;
    private readonly IBackend _backend;
    private readonly LoraConfig _lora;
    private readonly List<string> _modules = [];
    private readonly List<LoraLinear> _adapters = [];

    private AdaptedModel(ModelWeights weights, IBackend backend, LoraConfig lora, int seed)
    {
        (_weights, _backend, _lora) = (weights, backend, lora);
        FrozenLayers frozen = new(weights, backend);
        Random random = new(seed);
        Dictionary<string, Linear> targets = lora.Resolve(Config).ToDictionary(m => m.Name, m => frozen.Linear(m.Name));
        Parameters = new ParameterSet([.. targets.SelectMany(t => Named(
            t.Key, Create(t.Value.Weight, lora.RankOf(t.Key), random)))], backend);
        Gradients = Parameters.ZerosLike();
        Layers = frozen.ToDecoder(name =>
        {
            if (!targets.TryGetValue(name, out Linear? target))
            {
                return new TrainableLinear(frozen.Linear(name));
            }

            LoraLinear adapter = new(target, Of(Parameters, name), Of(Gradients, name), lora.ScaleOf(name), lora.Dropout, _adapters.Count);
            _adapters.Add(adapter);
            _modules.Add(name);
            return new TrainableLinear(target, Adapter: adapter);
        });
    }

    /// <summary>Shape and constants of the base.</summary>
    public ModelConfig Config => _weights.Config;

    /// <summary>The layers for a pass.</summary>
    public DecoderLayers Layers { get; }

    /// <summary>The adapter's tensors, by PEFT's names; B transposed.</summary>
    public ParameterSet Parameters { get; }

    /// <summary>Their gradients.</summary>
    public ParameterSet Gradients { get; }

    /// <summary>Opens a base and makes a new adapter for it, with which it answers as before.</summary>
    /// <exception cref="ModelFormatException">The files are damaged, or of an architecture that cannot be fine-tuned.</exception>
    /// <exception cref="ArgumentException">The adapter's target modules match no layer.</exception>
    public static AdaptedModel Open(string path, IBackend backend, LoraConfig lora, int maxTokens, int seed)
    {
        ModelWeights weights = ModelWeights.Open(path);
        try
        {
            Refuse(path, weights.Config, maxTokens);
            AdaptedModel model = new(weights, backend, lora, seed);
            weights.RefuseLeftTensors();
            return model;
        }
        catch
        {
            weights.Dispose();
            throw;
        }
    }

    /// <summary>The base with its adapter, or the base alone.</summary>
    public void EnableAdapter(bool enabled) => _adapters.ForEach(adapter => adapter.IsEnabled = enabled);

    /// <summary>The adapter of these parameters as its files have it.</summary>
    public IReadOnlyList<LoraModule> ToModules(ParameterSet parameters) => [.. _modules.Select(name =>
    {
        LoraParameters own = Of(parameters, name);
        using HostTensor a = _backend.ReadOnHost(own.A), b = _backend.ReadOnHost(own.TransposedB), magnitude = _backend.ReadOnHost(own.Magnitude ?? own.A);
        LoraParameters host = new(a.Tensor, b.Tensor, own.Magnitude is null ? null : magnitude.Tensor);
        return host.ToModule(name, _lora.ScaleOf(name), Interleaved(name));
    })];

    public void Dispose()
    {
        Parameters.Dispose();
        Gradients.Dispose();
        _weights.Dispose();
    }

    private static void Refuse(string path, ModelConfig config, int maxTokens)
    {
        if ((FineTunableBase.Fault(config) ?? FineTunableBase.LengthFault(config, maxTokens)) is { } fault)
        {
            throw new ModelFormatException(path, fault);
        }
    }

    private LoraParameters Create(Tensor weight, int rank, Random random)
    {
        using HostTensor stored = _backend.ReadOnHost(weight);
        LoraParameters host = LoraParameters.Create(stored.Tensor, rank, _lora.UseDora, random);
        return new(_backend.Place(host.A), _backend.Place(host.TransposedB), host.Magnitude is Tensor magnitude ? _backend.Place(magnitude) : null);
    }

    private static IEnumerable<KeyValuePair<string, Tensor>> Named(string module, LoraParameters parameters) =>
    [
        new($"{module}.lora_A.weight", parameters.A),
        new($"{module}.lora_B.weight", parameters.TransposedB),
        .. parameters.Magnitude is Tensor magnitude ? [new($"{module}.lora_magnitude_vector", magnitude)] : Array.Empty<KeyValuePair<string, Tensor>>(),
    ];

    private LoraParameters Of(ParameterSet set, string module) => new(
        set[$"{module}.lora_A.weight"], set[$"{module}.lora_B.weight"], _lora.UseDora ? set[$"{module}.lora_magnitude_vector"] : null);

    private int? Interleaved(string module) =>
        Layers.RotaryStyle == RotaryStyle.Interleaved && (module.EndsWith(".q_proj", StringComparison.Ordinal) || module.EndsWith(".k_proj", StringComparison.Ordinal))
            ? Config.HeadDimension : null;
}
