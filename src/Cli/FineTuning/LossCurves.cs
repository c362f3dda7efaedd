using System.Globalization;
using System.Security;
using System.Text;
using Inference.Contracts.FineTuning.V1;

namespace Inference.Cli.FineTuning;

/// <summary>Curves of all losses over the steps as an SVG picture.</summary>
internal static class LossCurves
{
    private const int Width = 800;
    private const int Height = 400;
    private const int Left = 60;
    private const int Right = 20;
    private const int Top = 40;
    private const int Bottom = 40;
    private const int Ticks = 5;
    private static readonly string[] Colours = ["#1f77b4", "#d62728", "#2ca02c", "#9467bd", "#ff7f0e"];

    /// <summary>The picture; null where there is no loss among the metrics.</summary>
    public static string? Draw(string title, IEnumerable<Metric> metrics)
    {
        (string Key, Metric[] Points)[] curves = [.. metrics.Where(m => m.Key.Contains("loss", StringComparison.Ordinal) && double.IsFinite(m.Value))
            .GroupBy(m => m.Key).Select(g => (g.Key, g.OrderBy(m => m.Step).ToArray())).OrderBy(c => c.Key, StringComparer.Ordinal)];
        if (curves.Length == 0)
        {
            return null;
        }

        Metric[] all = [.. curves.SelectMany(c => c.Points)];
        Axis steps = new(all.Min(m => m.Step), all.Max(m => m.Step), Left, Width - Right);
        Axis losses = new(Math.Min(0, all.Min(m => m.Value)), all.Max(m => m.Value), Height - Bottom, Top);
        StringBuilder svg = new();
        Line($"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {Width} {Height}" font-family="sans-serif" font-size="12">""");
        Line($"""<rect width="{Width}" height="{Height}" fill="white"/>""");
        Line($"""<text x="{Left}" y="20" font-size="14">{SecurityElement.Escape(title)}</text>""");
        for (int i = 0; i <= Ticks; i++)
        {
            double loss = losses.At((double)i / Ticks);
            double step = Math.Round(steps.At((double)i / Ticks));
            Line($"""<line x1="{Left}" x2="{Width - Right}" y1="{losses.Place(loss):0.0}" y2="{losses.Place(loss):0.0}" stroke="#ddd"/>""");
            Line($"""<text x="{Left - 8}" y="{losses.Place(loss) + 4:0.0}" text-anchor="end">{loss:0.###}</text>""");
            Line($"""<text x="{steps.Place(step):0.0}" y="{Height - Bottom + 18}" text-anchor="middle">{step:0}</text>""");
        }

        for (int i = 0; i < curves.Length; i++)
        {
            string colour = Colours[i % Colours.Length];
            string points = string.Join(' ', curves[i].Points.Select(p => Invariant($"{steps.Place(p.Step):0.0},{losses.Place(p.Value):0.0}")));
            Line($"""<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="1.5"/>""");
            Line($"""<text x="{Width - Right}" y="{Top + (16 * i) + 12}" text-anchor="end" fill="{colour}">{SecurityElement.Escape(curves[i].Key)}</text>""");
        }

        Line($"""<text x="{Width / 2}" y="{Height - 6}" text-anchor="middle">step</text>""");
        Line($"</svg>");
        return svg.ToString();

        void Line(FormattableString line) => svg.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    /// <summary>Values between two places of the picture.</summary>
    private readonly record struct Axis(double Least, double Most, double From, double To)
    {
        public double At(double share) => Least + (share * (Most - Least));

        public double Place(double value) => Most > Least ? From + ((value - Least) / (Most - Least) * (To - From)) : From;
    }
}
