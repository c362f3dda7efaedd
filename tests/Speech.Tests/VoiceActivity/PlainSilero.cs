using Inference.Models.Weights;

namespace Inference.Speech.Tests.VoiceActivity;

/// <summary>Silero's network by loops in double precision, from its description.</summary>
internal sealed class PlainSilero(SafetensorsFile file)
{
    private readonly double[] _context = new double[64];
    private double[] _hidden = new double[128], _cell = new double[128];

    public double Next(ReadOnlySpan<float> frame)
    {
        double[] x = [.. _context, .. frame.ToArray().Select(s => (double)s)];
        x[^64..].CopyTo(_context, 0);
        x = [.. x, .. Enumerable.Range(0, 64).Select(i => x[^(2 + i)])];
        float[] transform = Get("stft_conv.weight");
        double[][] features = [.. Enumerable.Range(0, 4).Select(t => Enumerable.Range(0, 129).Select(b =>
        {
            double re = Enumerable.Range(0, 256).Sum(i => transform[(b * 256) + i] * x[(t * 128) + i]);
            double im = Enumerable.Range(0, 256).Sum(i => transform[((129 + b) * 256) + i] * x[(t * 128) + i]);
            return Math.Sqrt((re * re) + (im * im));
        }).ToArray())];
        foreach ((int number, int stride) in ((int, int)[])[(1, 1), (2, 2), (3, 2), (4, 1)])
        {
            features = Convolve(features, Get($"conv{number}.weight"), Get($"conv{number}.bias"), stride);
        }

        double[] gates = [.. Product("lstm_cell.weight_ih", "lstm_cell.bias_ih", features[0]).Zip(Product("lstm_cell.weight_hh", "lstm_cell.bias_hh", _hidden), (a, b) => a + b)];
        _cell = [.. Enumerable.Range(0, 128).Select(i => (Sigmoid(gates[128 + i]) * _cell[i]) + (Sigmoid(gates[i]) * Math.Tanh(gates[256 + i])))];
        _hidden = [.. Enumerable.Range(0, 128).Select(i => Sigmoid(gates[384 + i]) * Math.Tanh(_cell[i]))];
        return Sigmoid(Product("final_conv.weight", "final_conv.bias", [.. _hidden.Select(h => Math.Max(0, h))])[0]);
    }

    private static double[][] Convolve(double[][] x, float[] weight, float[] bias, int stride)
    {
        int inputs = x[0].Length;
        return [.. Enumerable.Range(0, ((x.Length - 1) / stride) + 1).Select(t => bias.Select((b, o) => Math.Max(0, b + Enumerable.Range(0, 3)
            .Where(k => (t * stride) + k - 1 >= 0 && (t * stride) + k - 1 < x.Length)
            .Sum(k => Enumerable.Range(0, inputs).Sum(i => weight[(((o * inputs) + i) * 3) + k] * x[(t * stride) + k - 1][i])))).ToArray())];
    }

    private double[] Product(string weight, string bias, double[] x)
    {
        float[] w = Get(weight);
        return [.. Get(bias).Select((b, o) => b + Enumerable.Range(0, x.Length).Sum(i => w[(o * x.Length) + i] * x[i]))];
    }

    private float[] Get(string name) => file.Get(name).Span.ToArray();

    private static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));
}
