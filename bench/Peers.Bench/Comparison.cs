using System.Globalization;

namespace Inference.Peers.Bench;

/// <summary>Runs rows pair by pair: each contender in turn on the same file, in alternating order, so that drifts of the machine meet all.</summary>
internal sealed class Comparison(Rows measures, IReadOnlyList<IContender> contenders, SampleFile file, string commit, TimeProvider time, int threads)
{
    public async Task RunAsync(string model, string path, IEnumerable<string> rows, int pairs, CancellationToken cancellation)
    {
        await ReadAsync(path, cancellation);
        foreach (string row in rows)
        {
            for (int pair = 0; pair < pairs; pair++)
            {
                string id = time.GetUtcNow().ToString("yyyyMMddHHmmssfff", CultureInfo.InvariantCulture);
                foreach (IContender contender in pair % 2 == 0 ? contenders : contenders.Reverse())
                {
                    await MeasureAsync(model, path, row, id, contender, cancellation);
                }
            }
        }
    }

    /// <summary>Bandwidth in GB/s and multiply-adds in Gop/s, of all threads together.</summary>
    public void MeasureMachine()
    {
        Tensors.Bench.MachinePeaks peaks = Tensors.Bench.MachinePeaks.Measure(threads);
        Add("", Metrics.Bandwidth, Report.Machine, "", peaks.BytesPerSecond / 1e9);
        Add("", Metrics.Arithmetic, Report.Machine, "", peaks.Flops / 1e9);
        Add("", Metrics.PairArithmetic, Report.Machine, "", peaks.BFloat16 / 1e9);
        Add("", Metrics.ByteArithmetic, Report.Machine, "", peaks.Bytes / 1e9);
    }

    /// <summary>Brings the file into the page cache.</summary>
    private static async Task ReadAsync(string path, CancellationToken cancellation)
    {
        await using FileStream file = File.OpenRead(path);
        await file.CopyToAsync(Stream.Null, 1 << 20, cancellation);
    }

    private async Task MeasureAsync(string model, string path, string row, string pair, IContender contender, CancellationToken cancellation)
    {
        IReadOnlyDictionary<string, double> values;
        try
        {
            values = await measures.MeasureAsync(row, contender, path, cancellation);
        }
        catch (InvalidOperationException exception)
        {
            Console.Error.WriteLine($"{model} {row} {contender.Name}: {exception.Message}");
            return;
        }

        foreach ((string metric, double value) in values)
        {
            Add(model, metric, contender.Name, pair, value);
        }
    }

    private void Add(string model, string metric, string contender, string pair, double value)
    {
        file.Append(new Sample(model, metric, contender, pair, value, commit, time.GetUtcNow()));
        Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{model,-12} {metric,-46} {contender,-10} {value:F2}"));
    }
}
