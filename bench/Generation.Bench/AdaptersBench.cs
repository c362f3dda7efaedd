using System.Diagnostics;
using Inference.Generation.Adapters;
using Inference.Models.Lora;
using Inference.Tensors;

namespace Inference.Generation.Bench;

/// <summary>
/// What adapters cost: decode steps of some streams, each with an adapter of its own, against the same streams of the base alone; and
/// how long an adapter that was just published takes to its first token.
/// </summary>
internal sealed class AdaptersBench : IDisposable
{
    private readonly BenchModel _model;
    private readonly BenchArguments _arguments;
    private readonly string _root = Directory.CreateTempSubdirectory("adapters-").FullName;
    private int _published;

    public AdaptersBench(BenchModel model, BenchArguments arguments) => (_model, _arguments) = (model, arguments);

    public async Task<string> RunAsync(int count)
    {
        AdapterDirectory directory = new(_root);
        string[] names = [.. Enumerable.Range(0, count).Select(i => $"a{i}")];
        foreach (string name in names.Where(name => directory.Find(name) is null))
            Publish(directory, name);
        using AdapterPool pool = new(_model.Model, new AdapterPoolOptions { Directory = _root, BudgetBytes = 64L << 30, Format = _arguments.AdapterFormat });
        await using LlmEngine engine = _model.Start(_arguments.Engine, pool);
        foreach (string name in names)
            await pool.LoadAsync(name);

        // Base and adapters take turns: what the machine does meanwhile falls on both.
        List<double> alone = [], mixed = [];
        for (int turn = 0; turn < _arguments.Turns; turn++)
        {
            alone.Add(await StepAsync(engine, [.. names.Select(_ => "")]));
            mixed.Add(await StepAsync(engine, names));
        }

        double before = BenchStream.Quantile(alone, 0.5), after = BenchStream.Quantile(mixed, 0.5);
        double ratio = BenchStream.Quantile(alone.Zip(mixed, (a, m) => m / a), 0.5);
        return $"{count,3} streams: base {before:F0} us a step, {count} adapters of rank {_arguments.Rank} ({_arguments.AdapterType}) {after:F0} us, ratio {ratio:F3}; "
            + $"{await FirstTokenAsync(engine, directory):F1} ms from publication to first token";
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);

    private void Publish(AdapterDirectory directory, string name)
    {
        LoraConfig config = new() { Rank = _arguments.Rank, Alpha = _arguments.Rank, TargetModules = _arguments.Targets };
        RandomAdapter.Write(directory.PathOf(name, "1"), _model.Model.Config, config, _published++, _arguments.AdapterType);
        directory.Point(name, "1");
    }

    /// <summary>Microseconds of a step while all streams decode.</summary>
    private async Task<double> StepAsync(LlmEngine engine, string[] adapters)
    {
        BenchStream[] streams = [.. adapters.Select(_ => new BenchStream())];
        int started = 0, ended = 0;
        (long Time, int Steps) begin = default, end = default;
        await Task.WhenAll(streams.Select((stream, i) => Task.Run(async () =>
        {
            await stream.RunAsync(engine, _model.Prompt(8, i), _arguments.Tokens, 0, i, () =>
            {
                if (Interlocked.Increment(ref started) == streams.Length)
                    begin = (Stopwatch.GetTimestamp(), _model.Model.Steps);
            }, adapter: adapters[i]);
            if (Interlocked.Increment(ref ended) == 1)
                end = (Stopwatch.GetTimestamp(), _model.Model.Steps);
        })));
        return Stopwatch.GetElapsedTime(begin.Time, end.Time).TotalMicroseconds / (end.Steps - begin.Steps);
    }

    private async Task<double> FirstTokenAsync(LlmEngine engine, AdapterDirectory directory)
    {
        List<double> times = [];
        for (int i = 0; i < 5; i++)
        {
            string name = $"fresh{_published}";
            RandomAdapter.Write(directory.PathOf(name, "1"), _model.Model.Config, new LoraConfig { Rank = _arguments.Rank, TargetModules = _arguments.Targets }, _published++, DType.F32);
            BenchStream stream = new();
            long published = Stopwatch.GetTimestamp();
            directory.Point(name, "1");
            await stream.RunAsync(engine, _model.Prompt(8, i), 1, 0, i, adapter: name);
            times.Add(Stopwatch.GetElapsedTime(published, stream.Arrivals[0]).TotalMilliseconds);
        }

        return times.Max();
    }
}
