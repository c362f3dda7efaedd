using Inference.Models.Architectures;

namespace Inference.Models.Weights;

/// <summary>
/// What the graph of a Piper voice tells: its shape, and which tensor is which parameter. Exporters keep the names of most
/// parameters; a weight that was folded or shared has a made-up one and is found by the operation that reads it.
/// </summary>
internal sealed class PiperGraph
{
    private readonly OnnxFile _file;
    private readonly Dictionary<string, OnnxNode> _producers = [];
    private readonly Dictionary<string, OnnxNode> _convolutions = [];

    public PiperGraph(OnnxFile file)
    {
        _file = file;
        foreach (OnnxNode node in file.Nodes)
        {
            foreach (string output in node.Outputs)
            {
                _producers.TryAdd(output, node);
            }

            if (node.Operator is "Conv" or "ConvTranspose" && node.Inputs.Count >= 2)
            {
                // By the bias, which keeps its name; by the weight; by the node's own path, as "/dec/conv_post/Conv".
                Know(node.Inputs.ElementAtOrDefault(2), ".bias", node);
                Know(node.Inputs[1], ".weight", node);
                Know(node.Name.Trim('/').Replace('/', '.'), "." + node.Operator, node);
            }
        }
    }

    /// <summary>The tensor of a parameter, under its name in Piper's code; null where there is none.</summary>
    public string? Find(string name)
    {
        if (Follow(name) is { } own)
        {
            return own;
        }

        if (name.EndsWith(".weight", StringComparison.Ordinal) && _convolutions.TryGetValue(name[..^".weight".Length], out OnnxNode? node))
        {
            return Follow(node.Inputs[1]);
        }

        return name.EndsWith(".bias", StringComparison.Ordinal) && _convolutions.TryGetValue(name[..^".bias".Length], out OnnxNode? biased) && biased.Inputs.Count > 2
            ? Follow(biased.Inputs[2])
            : null;
    }

    /// <summary>
    /// exp(-logs) of the affine flow, which exporters fold: the factor that what `m` was taken from is multiplied with; null where the
    /// graph has no such operation.
    /// </summary>
    public string? FindAffineFactor()
    {
        string? translation = Find("dp.flows.0.m");
        OnnxNode? difference = translation is null ? null : _file.Nodes.FirstOrDefault(n => n.Operator == "Sub" && n.Inputs.Any(i => Follow(i) == translation));
        OnnxNode? product = difference is null ? null : _file.Nodes.FirstOrDefault(n => n.Operator == "Mul" && n.Inputs.Contains(difference.Outputs[0]));
        return product?.Inputs.Select(Follow).FirstOrDefault(tensor => tensor is not null);
    }

    /// <summary>The shape of the voice's network.</summary>
    /// <exception cref="ModelFormatException">The file is not a Piper voice.</exception>
    public VitsConfig ReadConfig()
    {
        long[] embedding = Shape("enc_p.emb.weight", 2), feedForward = Shape("enc_p.encoder.ffn_layers.0.conv_1.weight", 3);
        long[] recurrent = Shape("flow.flows.0.enc.in_layers.0.weight", 3);
        int width = (int)embedding[1], waveNetLayers = Count(i => $"flow.flows.0.enc.in_layers.{i}");
        long[]? relative = Find("enc_p.encoder.attn_layers.0.emb_rel_k") is null ? null : Shape("enc_p.encoder.attn_layers.0.emb_rel_k", 3);
        long[]? speakers = Find("emb_g.weight") is null ? null : Shape("emb_g.weight", 2);
        VitsConfig config = new()
        {
            VocabularySize = (int)embedding[0],
            HiddenSize = width,
            Layers = Count(i => $"enc_p.encoder.attn_layers.{i}.conv_q"),
            Heads = relative is null ? 2 : (int)(width / Math.Max(1, relative[2])),
            Window = relative is null ? 0 : (int)(relative[1] - 1) / 2,
            IntermediateSize = (int)feedForward[0],
            FeedForwardTaps = (int)feedForward[2],
            FlowSize = (int)(Shape("enc_p.proj.weight", 3)[0] / 2),
            Flows = Count(i => $"flow.flows.{2 * i}.pre"),
            WaveNetLayers = waveNetLayers,
            WaveNetTaps = (int)recurrent[2],
            WaveNetDilation = waveNetLayers > 1 ? Dilation("flow.flows.0.enc.in_layers.1") : 1,
            Durations = Durations(),
            Vocoder = Vocoder(),
            Speakers = (int)(speakers?[0] ?? 1),
            SpeakerSize = (int)(speakers?[1] ?? 0),
        };
        if (config.Heads < 1 || config.Layers < 1)
        {
            throw Wrong($"the text encoder has {config.Layers} layers of {config.Heads} heads");
        }

        VitsConfigCheck.Check(config, problem => Wrong(problem));
        return config;
    }

    private VitsDurationConfig Durations()
    {
        if (Find("dp.flows.0.m") is null)
        {
            long[] plain = Shape("dp.conv_1.weight", 3);
            return new VitsDurationConfig { IsStochastic = false, Taps = (int)plain[2], Channels = (int)plain[0] };
        }

        // The first spline flow is not used in synthesis, so that exporters drop it.
        int last = Enumerable.Range(1, 64).LastOrDefault(i => Find($"dp.flows.{(2 * i) - 1}.pre.weight") is not null);
        long[] spline = last > 0 ? Shape($"dp.flows.{(2 * last) - 1}.proj.weight", 3) : throw Wrong("the stochastic duration predictor has no spline flow");
        return new VitsDurationConfig
        {
            IsStochastic = true,
            Taps = (int)Shape("dp.convs.convs_sep.0.weight", 3)[2],
            Flows = last,
            SeparableLayers = Count(i => $"dp.convs.convs_sep.{i}"),
            Bins = (int)(spline[0] + 1) / 3,
        };
    }

    private VitsVocoderConfig Vocoder()
    {
        int stages = Count(i => $"dec.ups.{i}");
        bool hasPairs = Find("dec.resblocks.0.convs1.0.weight") is not null;
        string list = hasPairs ? "convs1" : "convs";
        int blocks = Count(i => $"dec.resblocks.{i}.{list}.0");
        if (stages == 0 || blocks == 0 || blocks % stages != 0)
        {
            throw Wrong($"the decoder has {stages} stages and {blocks} residual blocks");
        }

        string[] first = [.. Enumerable.Range(0, blocks / stages).Select(i => $"dec.resblocks.{i}.{list}.")];
        return new VitsVocoderConfig
        {
            Channels = (int)Shape("dec.conv_pre.weight", 3)[0],
            Rates = [.. Enumerable.Range(0, stages).Select(i => Stride($"dec.ups.{i}"))],
            UpsampleTaps = [.. Enumerable.Range(0, stages).Select(i => (int)Shape($"dec.ups.{i}.weight", 3)[2])],
            BlockTaps = [.. first.Select(name => (int)Shape(name + "0.weight", 3)[2])],
            BlockDilations = [.. first.Select(name => Enumerable.Range(0, Count(i => name + i)).Select(i => Dilation(name + i)).ToArray())],
            HasPairs = hasPairs,
        };
    }

    private int Stride(string module) => Attribute(module, "strides", null);

    private int Dilation(string module) => Attribute(module, "dilations", 1);

    private int Attribute(string module, string name, int? fallback)
    {
        if (!_convolutions.TryGetValue(module, out OnnxNode? node))
        {
            throw Wrong($"the graph has no convolution for '{module}'");
        }

        long value = node.Integers.TryGetValue(name, out long[]? values) ? values[0] : fallback ?? throw Wrong($"'{module}' has no {name}");
        return value is > 0 and <= 1 << 12 ? (int)value : throw Wrong($"{name} of '{module}' is {value}, not 1 to {1 << 12}");
    }

    private int Count(Func<int, string> module) => Enumerable.Range(0, 256).TakeWhile(i => Find(module(i) + ".weight") is not null || Find(module(i) + ".weight_v") is not null).Count();

    private long[] Shape(string name, int dimensions)
    {
        // A weight that is not folded has its shape in its direction.
        string tensor = Find(name) ?? Find(name + "_v") ?? throw Wrong($"there is no '{name}': this is not a Piper voice, or one exported in a way that is not supported");
        TensorInfo info = _file.Tensors[tensor];
        return info.Shape.Count == dimensions && info.Shape.All(n => n is > 0 and <= 1 << 20)
            ? [.. info.Shape]
            : throw Wrong($"'{name}' is {info}, which does not have {dimensions} dimensions of 1 to {1 << 20}");
    }

    /// <summary>The tensor that a value is, through operations that only pass it on.</summary>
    private string? Follow(string value)
    {
        for (int steps = 0; steps < 16; steps++)
        {
            if (_file.Tensors.ContainsKey(value))
            {
                return value;
            }

            if (!_producers.TryGetValue(value, out OnnxNode? producer) || producer.Operator != "Identity" || producer.Inputs.Count != 1)
            {
                return null;
            }

            value = producer.Inputs[0];
        }

        return null;
    }

    private void Know(string? name, string ending, OnnxNode node)
    {
        if (name is not null && name.EndsWith(ending, StringComparison.Ordinal))
        {
            _convolutions.TryAdd(name[..^ending.Length], node);
        }
    }

    private ModelFormatException Wrong(string problem) => new(_file.Path, problem);
}
