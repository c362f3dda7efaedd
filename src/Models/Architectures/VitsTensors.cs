using System.Globalization;
using System.Text.RegularExpressions;

namespace Inference.Models.Architectures;

/// <summary>Names (Hugging Face's, weight norm folded) and shapes of the tensors that VITS synthesis needs, and their names in Piper's voices.</summary>
internal static partial class VitsTensors
{
    private static readonly (Regex Pattern, string Replacement)[] Renamings =
    [
        Renaming(@"^text_encoder\.embed_tokens\.", "enc_p.emb."),
        Renaming(@"^text_encoder\.project\.", "enc_p.proj."),
        Renaming(@"^text_encoder\.encoder\.layers\.(\d+)\.attention\.([qkvo])(ut)?_proj\.", "enc_p.encoder.attn_layers.$1.conv_$2."),
        Renaming(@"^text_encoder\.encoder\.layers\.(\d+)\.attention\.", "enc_p.encoder.attn_layers.$1."),
        Renaming(@"^text_encoder\.encoder\.layers\.(\d+)\.feed_forward\.", "enc_p.encoder.ffn_layers.$1."),
        Renaming(@"^text_encoder\.encoder\.layers\.(\d+)\.layer_norm\.", "enc_p.encoder.norm_layers_1.$1."),
        Renaming(@"^text_encoder\.encoder\.layers\.(\d+)\.final_layer_norm\.", "enc_p.encoder.norm_layers_2.$1."),
        Renaming(@"^duration_predictor\.", "dp."),
        Renaming(@"\.conv_dds\.", ".convs."),
        Renaming(@"\.convs_dilated\.", ".convs_sep."),
        Renaming(@"\.convs_pointwise\.", ".convs_1x1."),
        Renaming(@"^((?:dp|flow)\..*)conv_(pre|post|proj)\.", "$1$2."),
        Renaming(@"\.log_scale$", ".logs"),
        Renaming(@"\.translate$", ".m"),
        Renaming(@"(norm[^.]*(?:\.\d+)?)\.weight$", "$1.gamma"),
        Renaming(@"(norm[^.]*(?:\.\d+)?)\.bias$", "$1.beta"),
        Renaming(@"\.wavenet\.", ".enc."),
        Renaming(@"^decoder\.", "dec."),
        Renaming(@"\.upsampler\.", ".ups."),
        Renaming(@"^embed_speaker\.", "emb_g."),
    ];

    /// <summary>Logarithms of widths and heights [bins each], and inner derivatives, of a spline.</summary>
    public static int SplineSize(int bins) => (3 * bins) - 1;

    /// <summary>All tensors of a configuration; kernels of convolutions are [out, in, taps], of transposed ones [in, out, taps].</summary>
    public static IEnumerable<TensorShape> Of(VitsConfig config) =>
        TextEncoder(config).Concat(config.Durations.IsStochastic ? StochasticDurations(config) : PlainDurations(config)).Concat(Flow(config)).Concat(Vocoder(config))
            .Concat(config.SpeakerSize > 0 ? [new TensorShape("embed_speaker.weight", config.Speakers, config.SpeakerSize)] : []);

    /// <summary>The name in Piper's voices. Its lists of flows have others between ours, which only swap channels.</summary>
    public static string NameInPiper(string name)
    {
        string piper = Renamings.Aggregate(name, (text, renaming) => renaming.Pattern.Replace(text, renaming.Replacement));
        return FlowNumber().Replace(piper, match =>
        {
            int number = int.Parse(match.Groups["number"].ValueSpan, CultureInfo.InvariantCulture);
            bool isSpline = match.Groups["list"].Value == "dp";
            return $"{match.Groups["list"].Value}.flows.{(isSpline ? Math.Max(0, (2 * number) - 1) : 2 * number)}.";
        });
    }

    [GeneratedRegex(@"^(?<list>dp|flow)\.flows\.(?<number>\d+)\.")]
    private static partial Regex FlowNumber();

    private static (Regex, string) Renaming(string pattern, string replacement) => (new Regex(pattern, RegexOptions.CultureInvariant), replacement);

    private static IEnumerable<TensorShape> TextEncoder(VitsConfig config)
    {
        int width = config.HiddenSize;
        yield return new("text_encoder.embed_tokens.weight", config.VocabularySize, width);
        for (int i = 0; i < config.Layers; i++)
        {
            string layer = $"text_encoder.encoder.layers.{i}.";
            if (config.Window > 0)
            {
                yield return new(layer + "attention.emb_rel_k", 1, (2 * config.Window) + 1, width / config.Heads);
                yield return new(layer + "attention.emb_rel_v", 1, (2 * config.Window) + 1, width / config.Heads);
            }

            TensorShape[] rest =
            [
                .. ((string[])["q_proj", "k_proj", "v_proj", "out_proj"]).SelectMany(p => Affine($"{layer}attention.{p}", width, width)),
                .. NormOf(layer + "layer_norm", width), .. Convolution(layer + "feed_forward.conv_1", config.IntermediateSize, width, config.FeedForwardTaps),
                .. Convolution(layer + "feed_forward.conv_2", width, config.IntermediateSize, config.FeedForwardTaps), .. NormOf(layer + "final_layer_norm", width),
            ];
            foreach (TensorShape tensor in rest)
            {
                yield return tensor;
            }
        }

        foreach (TensorShape tensor in Convolution("text_encoder.project", 2 * config.FlowSize, width, 1))
        {
            yield return tensor;
        }
    }

    private static IEnumerable<TensorShape> PlainDurations(VitsConfig config) =>
    [
        .. Convolution("duration_predictor.conv_1", config.Durations.Channels, config.HiddenSize, config.Durations.Taps),
        .. NormOf("duration_predictor.norm_1", config.Durations.Channels),
        .. Convolution("duration_predictor.conv_2", config.Durations.Channels, config.Durations.Channels, config.Durations.Taps),
        .. NormOf("duration_predictor.norm_2", config.Durations.Channels), .. Convolution("duration_predictor.proj", 1, config.Durations.Channels, 1),
        .. Condition("duration_predictor.cond", config.HiddenSize, config),
    ];

    private static IEnumerable<TensorShape> StochasticDurations(VitsConfig config) =>
    [
        .. Convolution("duration_predictor.conv_pre", config.HiddenSize, config.HiddenSize, 1), .. Separable("duration_predictor.conv_dds", config),
        .. Convolution("duration_predictor.conv_proj", config.HiddenSize, config.HiddenSize, 1), .. Condition("duration_predictor.cond", config.HiddenSize, config),
        new("duration_predictor.flows.0.translate", 2, 1), new("duration_predictor.flows.0.log_scale", 2, 1),
        .. Enumerable.Range(2, config.Durations.Flows - 1).Select(i => $"duration_predictor.flows.{i}.").SelectMany(flow => (TensorShape[])
        [
            .. Convolution(flow + "conv_pre", config.HiddenSize, 1, 1), .. Separable(flow + "conv_dds", config),
            .. Convolution(flow + "conv_proj", SplineSize(config.Durations.Bins), config.HiddenSize, 1),
        ]),
    ];

    private static IEnumerable<TensorShape> Separable(string name, VitsConfig config) =>
        Enumerable.Range(0, config.Durations.SeparableLayers).SelectMany(i => (TensorShape[])
        [
            .. Convolution($"{name}.convs_dilated.{i}", config.HiddenSize, 1, config.Durations.Taps),
            .. Convolution($"{name}.convs_pointwise.{i}", config.HiddenSize, config.HiddenSize, 1),
            .. NormOf($"{name}.norms_1.{i}", config.HiddenSize), .. NormOf($"{name}.norms_2.{i}", config.HiddenSize),
        ]);

    private static IEnumerable<TensorShape> Flow(VitsConfig config) =>
        Enumerable.Range(0, config.Flows).Select(i => $"flow.flows.{i}.").SelectMany(flow => (TensorShape[])
        [
            .. Convolution(flow + "conv_pre", config.HiddenSize, config.FlowSize / 2, 1),
            .. Enumerable.Range(0, config.WaveNetLayers).SelectMany(i => (TensorShape[])
            [
                .. Convolution($"{flow}wavenet.in_layers.{i}", 2 * config.HiddenSize, config.HiddenSize, config.WaveNetTaps),
                .. Convolution($"{flow}wavenet.res_skip_layers.{i}", (i + 1 < config.WaveNetLayers ? 2 : 1) * config.HiddenSize, config.HiddenSize, 1),
            ]),
            .. Condition(flow + "wavenet.cond_layer", 2 * config.HiddenSize * config.WaveNetLayers, config),
            .. Convolution(flow + "conv_post", config.FlowSize / 2, config.HiddenSize, 1),
        ]);

    private static IEnumerable<TensorShape> Vocoder(VitsConfig config)
    {
        VitsVocoderConfig vocoder = config.Vocoder;
        List<TensorShape> tensors =
        [
            .. Convolution("decoder.conv_pre", vocoder.Channels, config.FlowSize, VitsVocoder.EdgeTaps),
            .. Condition("decoder.cond", vocoder.Channels, config),
            new("decoder.conv_post.weight", 1, vocoder.Channels >> vocoder.Rates.Length, VitsVocoder.EdgeTaps),
        ];
        for (int stage = 0; stage < vocoder.Rates.Length; stage++)
        {
            int channels = vocoder.Channels >> (stage + 1);
            tensors.Add(new($"decoder.upsampler.{stage}.weight", vocoder.Channels >> stage, channels, vocoder.UpsampleTaps[stage]));
            tensors.Add(new($"decoder.upsampler.{stage}.bias", channels));
            for (int block = 0; block < vocoder.BlockTaps.Length; block++)
            {
                string name = $"decoder.resblocks.{(stage * vocoder.BlockTaps.Length) + block}.";
                for (int i = 0; i < vocoder.BlockDilations[block].Length; i++)
                {
                    foreach (string list in vocoder.HasPairs ? (string[])["convs1", "convs2"] : ["convs"])
                    {
                        tensors.AddRange(Convolution($"{name}{list}.{i}", channels, channels, vocoder.BlockTaps[block]));
                    }
                }
            }
        }

        return tensors;
    }

    private static TensorShape[] Condition(string name, int outputs, VitsConfig config) => config.SpeakerSize > 0 ? Convolution(name, outputs, config.SpeakerSize, 1) : [];

    private static TensorShape[] Convolution(string name, int outputs, int inputs, int taps) => [new(name + ".weight", outputs, inputs, taps), new(name + ".bias", outputs)];

    private static TensorShape[] Affine(string name, int outputs, int inputs) => [new(name + ".weight", outputs, inputs), new(name + ".bias", outputs)];

    private static TensorShape[] NormOf(string name, int width) => [new(name + ".weight", width), new(name + ".bias", width)];
}
