using Inference.Models.Architectures;
using Inference.Models.Weights;

namespace Inference.Models.Tests.Architectures;

/// <summary>
/// A Piper voice as torch's exporter leaves it: weights that were folded have made-up names, one norm's offset is shared through
/// Identity, exp(-logs) of the affine flow is a constant, what synthesis does not need is gone.
/// </summary>
internal static class PiperExport
{
    public static void Write(string path, VitsConfig config, ulong seed)
    {
        OnnxWriter writer = new();
        int made = 1000;
        foreach (TensorShape tensor in RandomVits.Tensors(config))
        {
            string name = RandomVits.NameInPiper(tensor.Name);
            float[] values = RandomVits.Values(tensor.Name, config, seed);
            if (name == "dp.flows.0.logs")
            {
                string factor = $"onnx::Mul_{made++}";
                writer.AddTensor(factor, [.. values.Select(v => MathF.Exp(-v))], tensor.Shape);
                writer.AddNode("Sub", "/dp/flows.0/Sub", ["z", "dp.flows.0.m"], ["difference"]);
                writer.AddNode("Mul", "/dp/flows.0/Mul", ["difference", factor], ["durations"]);
                continue;
            }

            if (name == "enc_p.encoder.norm_layers_1.1.beta")
            {
                writer.AddTensor($"onnx::Shared_{made}", values, tensor.Shape);
                writer.AddNode("Identity", "", [$"onnx::Shared_{made++}"], [name]);
                continue;
            }

            // Those of the flow because of their weight norm; the last one of the decoder, which has no bias to know it by.
            bool isFolded = name.EndsWith(".weight", StringComparison.Ordinal) && (name.StartsWith("flow.", StringComparison.Ordinal) || name == "dec.conv_post.weight");
            string stored = isFolded ? $"onnx::Conv_{made++}" : name;
            writer.AddTensor(stored, values, tensor.Shape);
            if (name.EndsWith(".weight", StringComparison.Ordinal) && tensor.Shape.Length == 3)
            {
                AddConvolution(writer, name[..^".weight".Length], stored, tensor.Name, config);
            }
        }

        writer.Write(path);
    }

    private static void AddConvolution(OnnxWriter writer, string module, string weight, string name, VitsConfig config)
    {
        string[] parts = name.Split('.');
        bool isUpsampler = parts[1] == "upsampler";
        int dilation = parts switch
        {
            ["decoder", "resblocks", var block, "convs" or "convs1", var i, _] => config.Vocoder.BlockDilations[int.Parse(block) % config.Vocoder.BlockTaps.Length][int.Parse(i)],
            ["flow", _, _, "wavenet", "in_layers", var i, _] => (int)Math.Pow(config.WaveNetDilation, int.Parse(i)),
            _ => 1,
        };
        string type = isUpsampler ? "ConvTranspose" : "Conv";
        string[] inputs = module == "dec.conv_post" ? ["x", weight] : ["x", weight, module + ".bias"];
        writer.AddNode(
            type, $"/{module.Replace('.', '/').Replace("/0", ".0", StringComparison.Ordinal)}/{type}", inputs, [module + ".y"],
            isUpsampler ? ("strides", new[] { config.Vocoder.Rates[int.Parse(parts[2])] }) : ("dilations", new[] { dilation }));
    }
}
