using Inference.Models.Architectures;
using Inference.Models.Weights;

namespace Inference.Models.Tests.Architectures;

/// <summary>
/// VITS as an ONNX graph that runs, written from the papers: symbols [T] and a path [T, frames] (ones where a symbol lasts) to log
/// durations, latent frames and samples, without noise. Names are those of Piper's exports; weights of the flow have made-up ones, as
/// theirs. For one voice, the plain duration predictor and texts of one length.
/// </summary>
internal sealed class VitsOnnxGraph(VitsConfig config, ulong seed, int symbols)
{
    private readonly OnnxWriter _writer = new();
    private int _values;

    public void Write(string path)
    {
        foreach (TensorShape tensor in RandomVits.Tensors(config))
        {
            // Piper's projections are convolutions of one tap.
            int[] shape = tensor.Name.EndsWith("_proj.weight", StringComparison.Ordinal) ? [.. tensor.Shape, 1] : tensor.Shape;
            _writer.AddTensor(Stored(RandomVits.NameInPiper(tensor.Name)), RandomVits.Values(tensor.Name, config, seed), shape);
        }

        _writer.AddIntegerInput("ids", symbols);
        _writer.AddInput("path", symbols, -1);
        string x = Encode();
        Name(Durations(x), "log_durations", 1, 1, symbols);
        string means = Part(Conv(x, "enc_p.proj", 1), 0, config.FlowSize);
        string frames = Flow(Node("MatMul", [means, "path"]));
        Name(frames, "frames", 1, config.FlowSize, -1);
        Name(Decode(frames), "samples", 1, 1, -1);
        _writer.Write(path);
    }

    private string Encode()
    {
        int heads = config.Heads, width = config.HiddenSize, d = width / heads, distances = (2 * config.Window) + 1;
        float[] near = new float[distances * symbols * symbols];
        for (int i = 0; i < symbols; i++)
        {
            for (int j = Math.Max(0, i - config.Window); j <= Math.Min(symbols - 1, i + config.Window); j++)
            {
                near[((j - i + config.Window) * symbols * symbols) + (i * symbols) + j] = 1;
            }
        }

        _writer.AddTensor("near", near, distances, symbols, symbols);
        _writer.AddIntegers("by_head", heads, d, symbols);
        _writer.AddIntegers("together", 1, width, symbols);
        string embedded = Node("Mul", [Node("Gather", ["enc_p.emb.weight", "ids"]), Constant(MathF.Sqrt(width))]);
        _writer.AddIntegers("first", 0);
        string x = Node("Unsqueeze", [Node("Transpose", [embedded], ("perm", new[] { 1, 0 })), "first"]);
        for (int i = 0; i < config.Layers; i++)
        {
            string layer = $"enc_p.encoder.attn_layers.{i}.";
            string q = Node("Mul", [Heads(Conv(x, layer + "conv_q", 1)), Constant(1 / MathF.Sqrt(d))]);
            string k = Heads(Conv(x, layer + "conv_k", 1)), v = Heads(Conv(x, layer + "conv_v", 1));
            string far = Einsum("hdi,hdj->hij", q, k), relative = Einsum("hir,rij->hij", Einsum("hdi,ard->hir", q, layer + "emb_rel_k"), "near");
            string weights = Node("Softmax", [Node("Add", [far, relative])], ("axis", -1));
            string values = Einsum("hij,hdj->hdi", weights, v), offsets = Einsum("hir,ard->hdi", Einsum("hij,rij->hir", weights, "near"), layer + "emb_rel_v");
            string attended = Node("Reshape", [Node("Add", [values, offsets]), "together"]);
            x = Norm(Node("Add", [x, Conv(attended, layer + "conv_o", 1)]), $"enc_p.encoder.norm_layers_1.{i}");
            string raised = Node("Relu", [Conv(x, $"enc_p.encoder.ffn_layers.{i}.conv_1", config.FeedForwardTaps)]);
            x = Norm(Node("Add", [x, Conv(raised, $"enc_p.encoder.ffn_layers.{i}.conv_2", config.FeedForwardTaps)]), $"enc_p.encoder.norm_layers_2.{i}");
        }

        return x;
    }

    private string Durations(string x)
    {
        x = Norm(Node("Relu", [Conv(x, "dp.conv_1", config.Durations.Taps)]), "dp.norm_1");
        x = Norm(Node("Relu", [Conv(x, "dp.conv_2", config.Durations.Taps)]), "dp.norm_2");
        return Conv(x, "dp.proj", 1);
    }

    private string Flow(string z)
    {
        int half = config.FlowSize / 2, width = config.HiddenSize;
        for (int flow = config.Flows - 1; flow >= 0; flow--)
        {
            string name = $"flow.flows.{2 * flow}.", flipped = Slice(z, -1, -1000, -1), first = Part(flipped, 0, half);
            string h = Conv(first, name + "pre", 1), sum = "";
            for (int i = 0; i < config.WaveNetLayers; i++)
            {
                string gates = Conv(h, $"{name}enc.in_layers.{i}", config.WaveNetTaps, (int)Math.Pow(config.WaveNetDilation, i));
                string gated = Node("Mul", [Node("Tanh", [Part(gates, 0, width)]), Node("Sigmoid", [Part(gates, width, 2 * width)])]);
                string result = Conv(gated, $"{name}enc.res_skip_layers.{i}", 1);
                bool isLast = i == config.WaveNetLayers - 1;
                h = isLast ? h : Node("Add", [h, Part(result, 0, width)]);
                string skipped = isLast ? result : Part(result, width, 2 * width);
                sum = i == 0 ? skipped : Node("Add", [sum, skipped]);
            }

            z = Node("Concat", [first, Node("Sub", [Part(flipped, half, 2 * half), Conv(sum, name + "post", 1)])], ("axis", 1));
        }

        return z;
    }

    private string Decode(string frames)
    {
        VitsVocoderConfig vocoder = config.Vocoder;
        string x = Conv(frames, "dec.conv_pre", 7);
        for (int stage = 0; stage < vocoder.Rates.Length; stage++)
        {
            int rate = vocoder.Rates[stage], cut = (vocoder.UpsampleTaps[stage] - rate) / 2;
            string name = $"dec.ups.{stage}", sum = "";
            x = Node("ConvTranspose", [Leaky(x, vocoder.Slope), name + ".weight", name + ".bias"], ("strides", new[] { rate }), ("pads", new[] { cut, cut }));
            for (int block = 0; block < vocoder.BlockTaps.Length; block++)
            {
                string y = x;
                for (int i = 0; i < vocoder.BlockDilations[block].Length; i++)
                {
                    string convolution = $"dec.resblocks.{(stage * vocoder.BlockTaps.Length) + block}.convs";
                    y = Node("Add", [Conv(Leaky(y, vocoder.Slope), $"{convolution}.{i}", vocoder.BlockTaps[block], vocoder.BlockDilations[block][i]), y]);
                }

                sum = block == 0 ? y : Node("Add", [sum, y]);
            }

            x = Node("Mul", [sum, Constant(1f / vocoder.BlockTaps.Length)]);
        }

        return Node("Tanh", [Conv(Leaky(x, 0.01f), "dec.conv_post", 7, hasBias: false)]);
    }

    private static string Stored(string name) =>
        name.StartsWith("flow.", StringComparison.Ordinal) && name.EndsWith(".weight", StringComparison.Ordinal) ? $"onnx::Conv_{Convert.ToHexString(System.Text.Encoding.UTF8.GetBytes(name))}" : name;

    private string Conv(string x, string module, int taps, int dilation = 1, bool hasBias = true)
    {
        int reach = (taps - 1) * dilation;
        string[] inputs = hasBias ? [x, Stored(module + ".weight"), module + ".bias"] : [x, module + ".weight"];
        return Node("Conv", inputs, ("dilations", new[] { dilation }), ("pads", new[] { reach / 2, reach - (reach / 2) }));
    }

    private string Norm(string x, string name)
    {
        string rows = Node("Transpose", [x], ("perm", new[] { 0, 2, 1 }));
        string normed = Node("LayerNormalization", [rows, name + ".gamma", name + ".beta"], ("axis", -1), ("epsilon", config.NormEpsilon));
        return Node("Transpose", [normed], ("perm", new[] { 0, 2, 1 }));
    }

    private string Heads(string x) => Node("Reshape", [x, "by_head"]);

    private string Leaky(string x, float slope) => Node("LeakyRelu", [x], ("alpha", slope));

    private string Einsum(string equation, string a, string b) => Node("Einsum", [a, b], ("equation", equation));

    private string Part(string x, int first, int end) => Slice(x, first, end, 1);

    /// <summary>Channels first to end in steps, which may go backwards.</summary>
    private string Slice(string x, int first, int end, int step)
    {
        string[] bounds = [.. ((int[])[first, end, 1, step]).Select(n =>
        {
            string name = $"v{_values++}";
            _writer.AddIntegers(name, n);
            return name;
        })];
        return Node("Slice", [x, .. bounds]);
    }

    private string Constant(float value)
    {
        string name = $"v{_values++}";
        _writer.AddTensor(name, [value]);
        return name;
    }

    private void Name(string value, string output, params int[] shape)
    {
        _writer.AddNode("Identity", "", [value], [output]);
        _writer.AddOutput(output, shape);
    }

    private string Node(string type, string[] inputs, params (string, object)[] attributes)
    {
        string output = $"v{_values++}";
        _writer.AddNode(type, "", inputs, [output], attributes);
        return output;
    }
}
