using Inference.Models;

namespace Inference.Training.Tests.FineTuning;

/// <summary>
/// Llama, Qwen2 and Qwen3 with an adapter, written again from the papers: scalar loops in double precision, no code of the project but the
/// configuration and the raw weights. One sequence at a time.
/// </summary>
internal sealed class PlainDecoder(ModelConfig config, FillTensorRow weights)
{
    /// <summary>Per layer: A [rank][in], B [out][rank], magnitude [out] or null.</summary>
    public Dictionary<string, (Scalar[][] A, Scalar[][] B, Scalar[]? Magnitude, float Scale)> Adapters { get; } = [];

    /// <summary>The base alone.</summary>
    public bool IsBase { get; set; }

    /// <summary>-log probability of each token after the first.</summary>
    public Scalar[] Losses(int[] tokens)
    {
        int count = tokens.Length - 1;
        double[][] table = Matrix("model.embed_tokens.weight", config.VocabularySize, config.HiddenSize);
        Scalar[][] x = [.. tokens.Take(count).Select(t => table[t].Select(v => (Scalar)v).ToArray())];
        for (int layer = 0; layer < config.LayerCount; layer++)
        {
            string prefix = $"model.layers.{layer}";
            Scalar[][] attended = Attention(prefix, [.. x.Select(row => Norm($"{prefix}.input_layernorm", row))]);
            x = [.. x.Zip(attended, Add)];
            x = [.. x.Select(row => Add(row, FeedForward(prefix, Norm($"{prefix}.post_attention_layernorm", row))))];
        }

        return [.. x.Select((row, t) =>
        {
            Scalar[] logits = Linear("lm_head", Norm("model.norm", row), table);
            double most = logits.Max(l => l.Value);
            return Scalar.Log(Scalar.Sum(logits.Select(l => Scalar.Exp(l - most)))) + most - logits[tokens[t + 1]];
        })];
    }

    private Scalar[][] Attention(string prefix, Scalar[][] x)
    {
        int d = config.HeadDimension, group = config.HeadCount / config.KvHeadCount, hidden = config.HiddenSize;
        Scalar[][] q = Project("q_proj", config.HeadCount, "q_norm"), k = Project("k_proj", config.KvHeadCount, "k_norm");
        Scalar[][] v = [.. x.Select(row => Linear($"{prefix}.self_attn.v_proj", row, config.KvHeadCount * d))];
        return [.. x.Select((_, t) =>
        {
            List<Scalar> heads = [];
            for (int h = 0; h < config.HeadCount; h++)
            {
                int own = h * d, shared = h / group * d;
                Scalar[] scores = [.. Enumerable.Range(0, t + 1).Select(s => Scalar.Exp(Scalar.Sum(Enumerable.Range(0, d).Select(i => q[t][own + i] * k[s][shared + i])) / Math.Sqrt(d)))];
                Scalar total = Scalar.Sum(scores);
                heads.AddRange(Enumerable.Range(0, d).Select(i => Scalar.Sum(scores.Select((score, s) => score * v[s][shared + i])) / total));
            }

            return Linear($"{prefix}.self_attn.o_proj", [.. heads], hidden);
        })];

        Scalar[][] Project(string name, int heads, string norm) => [.. x.Select((row, t) =>
        {
            Scalar[] y = Linear($"{prefix}.self_attn.{name}", row, heads * d);
            IEnumerable<Scalar[]> parts = y.Chunk(d);
            parts = config.Architecture == "qwen3" ? parts.Select(part => Norm($"{prefix}.self_attn.{norm}", part)) : parts;
            return parts.SelectMany(part => Rotate(part, t)).ToArray();
        })];
    }

    /// <summary>Elements i and i + d / 2 are turned by position * theta^(-2i / d).</summary>
    private Scalar[] Rotate(Scalar[] head, int position)
    {
        int half = head.Length / 2;
        Scalar[] turned = new Scalar[head.Length];
        for (int i = 0; i < half; i++)
        {
            double angle = position * Math.Pow(config.RopeTheta, -2.0 * i / head.Length);
            turned[i] = (head[i] * Math.Cos(angle)) - (head[i + half] * Math.Sin(angle));
            turned[i + half] = (head[i + half] * Math.Cos(angle)) + (head[i] * Math.Sin(angle));
        }

        return turned;
    }

    private Scalar[] FeedForward(string prefix, Scalar[] x)
    {
        Scalar[] gate = Linear($"{prefix}.mlp.gate_proj", x, config.IntermediateSize), up = Linear($"{prefix}.mlp.up_proj", x, config.IntermediateSize);
        Scalar one = 1;
        return Linear($"{prefix}.mlp.down_proj", [.. gate.Zip(up, (g, u) => g / (one + Scalar.Exp((Scalar)0 - g)) * u)], config.HiddenSize);
    }

    private Scalar[] Norm(string name, Scalar[] x)
    {
        double[] weight = Row($"{name}.weight", 0, x.Length);
        Scalar root = Scalar.Sqrt((Scalar.Sum(x.Select(v => v * v)) / x.Length) + config.RmsNormEpsilon);
        return [.. x.Select((v, i) => v / root * weight[i])];
    }

    private Scalar[] Linear(string name, Scalar[] x, int outputs) => Linear(name, x, Matrix($"{name}.weight", outputs, x.Length));

    private Scalar[] Linear(string name, Scalar[] x, double[][] weight)
    {
        bool isBiased = config.Architecture == "qwen2" && (name.EndsWith("q_proj") || name.EndsWith("k_proj") || name.EndsWith("v_proj"));
        double[] bias = isBiased ? Row($"{name}.bias", 0, weight.Length) : new double[weight.Length];
        if (IsBase || !Adapters.TryGetValue(name, out (Scalar[][] A, Scalar[][] B, Scalar[]? Magnitude, float Scale) adapter))
        {
            return [.. weight.Select((row, o) => Scalar.Sum(row.Select((w, i) => x[i] * w)) + bias[o])];
        }

        return [.. weight.Select((row, o) =>
        {
            Scalar[] changed = [.. row.Select((w, i) => w + (Scalar.Sum(adapter.A.Select((a, r) => adapter.B[o][r] * a[i])) * (double)adapter.Scale))];
            Scalar y = Scalar.Sum(changed.Select((w, i) => w * x[i]));
            return (adapter.Magnitude is null ? y : y * adapter.Magnitude[o] / Scalar.Sqrt(Scalar.Sum(changed.Select(w => w * w))).Detach()) + bias[o];
        })];
    }

    private static Scalar[] Add(Scalar[] a, Scalar[] b) => [.. a.Zip(b, (x, y) => x + y)];

    private double[][] Matrix(string name, int rows, int columns) => [.. Enumerable.Range(0, rows).Select(row => Row(name, row, columns))];

    private double[] Row(string name, int row, int columns)
    {
        float[] values = new float[columns];
        weights(name, row, values);
        return Array.ConvertAll(values, v => (double)v);
    }
}
