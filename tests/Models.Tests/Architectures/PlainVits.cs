using Inference.Models.Architectures;

namespace Inference.Models.Tests.Architectures;

/// <summary>
/// VITS by loops in double precision, channels first, written from Hugging Face's definitions (VitsModel): it shares nothing with
/// the engine but the shape of the model. Signals are [channel][time].
/// </summary>
internal sealed class PlainVits(VitsConfig config, Func<string, float[]> weight)
{
    public double[] Speaker { get; set; } = [];

    public (double[][] Hidden, double[][] Means) EncodeText(int[] ids)
    {
        int width = config.HiddenSize, time = ids.Length;
        float[] table = weight("text_encoder.embed_tokens.weight");
        double[][] x = Make(width, time, (c, t) => table[(ids[t] * width) + c] * Math.Sqrt(width));
        for (int i = 0; i < config.Layers; i++)
        {
            string layer = $"text_encoder.encoder.layers.{i}.";
            x = Norm(Add(x, Attention(x, layer + "attention.")), layer + "layer_norm", config.NormEpsilon);
            double[][] raised = Map(Convolve(x, layer + "feed_forward.conv_1", config.FeedForwardTaps), v => Math.Max(0, v));
            x = Norm(Add(x, Convolve(raised, layer + "feed_forward.conv_2", config.FeedForwardTaps)), layer + "final_layer_norm", config.NormEpsilon);
        }

        return (x, Convolve(x, "text_encoder.project", 1)[..config.FlowSize]);
    }

    /// <summary>Logarithms of durations; z is the stochastic predictor's noise, of two channels.</summary>
    public double[] LogDurations(double[][] hidden, double[][] z)
    {
        const string Name = "duration_predictor.";
        if (!config.Durations.IsStochastic)
        {
            double[][] y = Condition(hidden, Name + "cond");
            y = Norm(Map(Convolve(y, Name + "conv_1", config.Durations.Taps), v => Math.Max(0, v)), Name + "norm_1", config.NormEpsilon);
            y = Norm(Map(Convolve(y, Name + "conv_2", config.Durations.Taps), v => Math.Max(0, v)), Name + "norm_2", config.NormEpsilon);
            return Convolve(y, Name + "proj", 1)[0];
        }

        double[][] x = Condition(Convolve(hidden, Name + "conv_pre", 1), Name + "cond");
        x = Convolve(Separable(x, Name + "conv_dds"), Name + "conv_proj", 1);
        for (int flow = config.Durations.Flows; flow >= 2; flow--)
        {
            z = [z[1], z[0]];
            string name = $"{Name}flows.{flow}.";
            double[][] h = Convolve(Separable(Add(Convolve([z[0]], name + "conv_pre", 1), x), name + "conv_dds"), name + "conv_proj", 1);
            z = [z[0], [.. z[1].Select((v, t) => Spline([.. h.Select(channel => channel[t])], v))]];
        }

        z = [z[1], z[0]];
        float[] translate = weight(Name + "flows.0.translate"), scale = weight(Name + "flows.0.log_scale");
        return [.. z[0].Select(v => (v - translate[0]) * Math.Exp(-scale[0]))];
    }

    public double[][] ReverseFlow(double[][] z)
    {
        int half = config.FlowSize / 2;
        for (int flow = config.Flows - 1; flow >= 0; flow--)
        {
            z = [.. z.Reverse()];
            string name = $"flow.flows.{flow}.";
            double[][] mean = Convolve(WaveNet(Convolve(z[..half], name + "conv_pre", 1), name + "wavenet."), name + "conv_post", 1);
            z = [.. z[..half], .. Make(half, z[0].Length, (c, t) => z[half + c][t] - mean[c][t])];
        }

        return z;
    }

    public double[] Decode(double[][] frames)
    {
        VitsVocoderConfig vocoder = config.Vocoder;
        double[][] x = Condition(Convolve(frames, "decoder.conv_pre", 7), "decoder.cond");
        for (int stage = 0; stage < vocoder.Rates.Length; stage++)
        {
            x = Upsample(Map(x, v => Leaky(v, vocoder.Slope)), $"decoder.upsampler.{stage}", vocoder.UpsampleTaps[stage], vocoder.Rates[stage]);
            double[][] sum = Map(x, _ => 0);
            for (int j = 0; j < vocoder.BlockTaps.Length; j++)
            {
                sum = Add(sum, Block(x, $"decoder.resblocks.{(stage * vocoder.BlockTaps.Length) + j}.", vocoder.BlockTaps[j], vocoder.BlockDilations[j]));
            }

            x = Map(sum, v => v / vocoder.BlockTaps.Length);
        }

        return Map(Convolve(Map(x, v => Leaky(v, 0.01)), "decoder.conv_post", 7, hasBias: false), Math.Tanh)[0];
    }

    private double[][] Block(double[][] x, string name, int taps, int[] dilations)
    {
        double slope = config.Vocoder.Slope;
        for (int i = 0; i < dilations.Length; i++)
        {
            double[][] y = Map(x, v => Leaky(v, slope));
            y = config.Vocoder.HasPairs
                ? Convolve(Map(Convolve(y, $"{name}convs1.{i}", taps, dilations[i]), v => Leaky(v, slope)), $"{name}convs2.{i}", taps)
                : Convolve(y, $"{name}convs.{i}", taps, dilations[i]);
            x = Add(x, y);
        }

        return x;
    }

    private double[][] WaveNet(double[][] x, string name)
    {
        int width = config.HiddenSize, time = x[0].Length;
        double[][] sum = Map(x, _ => 0);
        double[][]? condition = Speaker.Length > 0 ? Convolve([.. Speaker.Select(v => (double[])[v])], name + "cond_layer", 1) : null;
        for (int i = 0; i < config.WaveNetLayers; i++)
        {
            double[][] h = Convolve(x, $"{name}in_layers.{i}", config.WaveNetTaps, (int)Math.Pow(config.WaveNetDilation, i));
            int offset = i * 2 * width;
            h = Make(2 * width, time, (c, t) => h[c][t] + (condition?[offset + c][0] ?? 0));
            double[][] acts = Make(width, time, (c, t) => Math.Tanh(h[c][t]) / (1 + Math.Exp(-h[width + c][t])));
            double[][] result = Convolve(acts, $"{name}res_skip_layers.{i}", 1);
            bool isLast = i == config.WaveNetLayers - 1;
            x = isLast ? x : Add(x, result[..width]);
            sum = Add(sum, isLast ? result : result[width..]);
        }

        return sum;
    }

    private double[][] Attention(double[][] x, string name)
    {
        int time = x[0].Length, width = config.HiddenSize, d = width / config.Heads, w = config.Window;
        double[][] q = Affine(x, name + "q_proj"), k = Affine(x, name + "k_proj"), v = Affine(x, name + "v_proj");
        double[][] y = Make(width, time, (_, _) => 0);
        for (int head = 0; head < config.Heads; head++)
        {
            for (int i = 0; i < time; i++)
            {
                double[] scores = [.. Enumerable.Range(0, time).Select(j => Enumerable.Range(0, d).Sum(
                    c => q[(head * d) + c][i] / Math.Sqrt(d) * (k[(head * d) + c][j] + Relative(name + "emb_rel_k", j - i, c))))];
                double largest = scores.Max(), sum = scores.Sum(s => Math.Exp(s - largest));
                for (int c = 0; c < d; c++)
                {
                    y[(head * d) + c][i] = Enumerable.Range(0, time).Sum(
                        j => Math.Exp(scores[j] - largest) / sum * (v[(head * d) + c][j] + Relative(name + "emb_rel_v", j - i, c)));
                }
            }
        }

        return Affine(y, name + "out_proj");

        double Relative(string table, int distance, int c) => w == 0 || Math.Abs(distance) > w ? 0 : weight(table)[((distance + w) * d) + c];
    }

    private double[][] Separable(double[][] x, string name)
    {
        int time = x[0].Length, taps = config.Durations.Taps;
        for (int i = 0; i < config.Durations.SeparableLayers; i++)
        {
            float[] w = weight($"{name}.convs_dilated.{i}.weight"), b = weight($"{name}.convs_dilated.{i}.bias");
            int dilation = (int)Math.Pow(taps, i);
            double[][] y = Make(x.Length, time, (c, t) => b[c] + Enumerable.Range(0, taps).Sum(k => w[(c * taps) + k] * At(x[c], t + ((k - (taps / 2)) * dilation))));
            y = Map(Norm(y, $"{name}.norms_1.{i}", 1e-5), Gelu);
            y = Map(Norm(Convolve(y, $"{name}.convs_pointwise.{i}", 1), $"{name}.norms_2.{i}", 1e-5), Gelu);
            x = Add(x, y);
        }

        return x;
    }

    /// <summary>Hugging Face's _unconstrained_rational_quadratic_spline with reverse=True, for one number.</summary>
    private double Spline(double[] h, double input)
    {
        int bins = config.Durations.Bins;
        double bound = config.Durations.TailBound, root = Math.Sqrt(config.HiddenSize);
        if (input < -bound || input > bound)
        {
            return input;
        }

        double[] widths = Cumulated([.. h[..bins].Select(v => v / root)]), heights = Cumulated([.. h[bins..(2 * bins)].Select(v => v / root)]);
        double constant = Math.Log(Math.Exp(1 - 1e-3) - 1);
        double[] derivatives = [.. ((double[])[constant, .. h[(2 * bins)..], constant]).Select(v => 1e-3 + Math.Log(1 + Math.Exp(v)))];
        int bin = heights.Take(bins).Count(edge => input >= edge) - 1;
        double inputWidth = widths[bin + 1] - widths[bin], inputHeight = heights[bin + 1] - heights[bin], delta = inputHeight / inputWidth;
        double intermediate1 = derivatives[bin] + derivatives[bin + 1] - (2 * delta), intermediate2 = input - heights[bin];
        double intermediate3 = intermediate2 * intermediate1;
        double a = (inputHeight * (delta - derivatives[bin])) + intermediate3, b = (inputHeight * derivatives[bin]) - intermediate3, c = -delta * intermediate2;
        return (2 * c / (-b - Math.Sqrt((b * b) - (4 * a * c))) * inputWidth) + widths[bin];

        double[] Cumulated(double[] logits)
        {
            double sum = logits.Sum(Math.Exp), total = 0;
            double[] sizes = [.. logits.Select(l => 1e-3 + ((1 - (1e-3 * bins)) * Math.Exp(l) / sum))];
            double[] edges = [-bound, .. sizes.Select(s => (2 * bound * (total += s)) - bound)];
            edges[^1] = bound;
            return edges;
        }
    }

    private double[][] Condition(double[][] x, string name)
    {
        if (Speaker.Length == 0)
        {
            return x;
        }

        double[][] offset = Convolve([.. Speaker.Select(v => (double[])[v])], name, 1);
        return Make(x.Length, x[0].Length, (c, t) => x[c][t] + offset[c][0]);
    }

    private double[][] Affine(double[][] x, string name) => Convolve(x, name, 1);

    private double[][] Convolve(double[][] x, string name, int taps, int dilation = 1, bool hasBias = true)
    {
        float[] w = weight(name + ".weight");
        float[]? b = hasBias ? weight(name + ".bias") : null;
        int inputs = x.Length, time = x[0].Length, outputs = w.Length / inputs / taps, left = (taps - 1) * dilation / 2;
        return Make(outputs, time, (o, t) =>
        {
            double sum = b?[o] ?? 0;
            for (int i = 0; i < inputs; i++)
            {
                for (int k = 0; k < taps; k++)
                {
                    sum += w[(((o * inputs) + i) * taps) + k] * At(x[i], t - left + (k * dilation));
                }
            }

            return sum;
        });
    }

    /// <summary>ConvTranspose1d with padding (taps - stride) / 2: each input row adds the kernel to the result.</summary>
    private double[][] Upsample(double[][] x, string name, int taps, int stride)
    {
        float[] w = weight(name + ".weight"), b = weight(name + ".bias");
        int inputs = x.Length, outputs = b.Length, time = x[0].Length, cut = (taps - stride) / 2;
        double[][] y = Make(outputs, time * stride, (o, _) => b[o]);
        for (int t = 0; t < time; t++)
        {
            for (int k = 0; k < taps; k++)
            {
                int at = (t * stride) + k - cut;
                for (int o = 0; at >= 0 && at < time * stride && o < outputs; o++)
                {
                    for (int i = 0; i < inputs; i++)
                    {
                        y[o][at] += x[i][t] * w[(((i * outputs) + o) * taps) + k];
                    }
                }
            }
        }

        return y;
    }

    private double[][] Norm(double[][] x, string name, double epsilon)
    {
        float[] w = weight(name + ".weight"), b = weight(name + ".bias");
        double[] means = [.. Enumerable.Range(0, x[0].Length).Select(t => x.Average(channel => channel[t]))];
        double[] deviations = [.. means.Select((mean, t) => Math.Sqrt(x.Average(channel => Math.Pow(channel[t] - mean, 2)) + epsilon))];
        return Make(x.Length, x[0].Length, (c, t) => ((x[c][t] - means[t]) / deviations[t] * w[c]) + b[c]);
    }

    private static double At(double[] channel, int t) => t >= 0 && t < channel.Length ? channel[t] : 0;

    private static double Leaky(double v, double slope) => v >= 0 ? v : slope * v;

    /// <summary>x Phi(x), Phi by the trapezoidal rule over the normal density from -8 on.</summary>
    private static double Gelu(double x)
    {
        const int Steps = 400;
        double from = -8, step = (x - from) / Steps;
        double sum = Enumerable.Range(0, Steps + 1).Sum(i => (i is 0 or Steps ? 0.5 : 1) * Math.Exp(-Math.Pow(from + (i * step), 2) / 2));
        return x * sum * step / Math.Sqrt(2 * Math.PI);
    }

    private static double[][] Add(double[][] a, double[][] b) => Make(a.Length, a[0].Length, (c, t) => a[c][t] + b[c][t]);

    private static double[][] Map(double[][] x, Func<double, double> f) => [.. x.Select(channel => channel.Select(f).ToArray())];

    private static double[][] Make(int channels, int time, Func<int, int, double> value) =>
        [.. Enumerable.Range(0, channels).Select(c => Enumerable.Range(0, time).Select(t => value(c, t)).ToArray())];
}
