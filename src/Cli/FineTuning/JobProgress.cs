using System.Globalization;
using Inference.Contracts.FineTuning.V1;

namespace Inference.Cli.FineTuning;

/// <summary>What a watcher knows of a job, as a line: bar, step, loss with its curve, and when it will end.</summary>
internal sealed class JobProgress(TimeProvider time)
{
    private const int BarWidth = 24;
    private const int CurveWidth = 24;
    private const string Loss = "train_loss";
    private readonly SortedDictionary<long, double> _losses = [];
    private long _step;
    private long? _firstStep;
    private long _firstAt;

    /// <summary>The job as it was told last; null before.</summary>
    public Job? Job { get; private set; }

    /// <summary>Takes in what is new.</summary>
    public void Add(WatchJobResponse response)
    {
        Job = response.Job ?? Job;
        foreach (Metric metric in response.Metrics)
        {
            _step = Math.Max(_step, metric.Step);
            if (metric.Key == Loss)
            {
                _losses[metric.Step] = metric.Value;
            }
        }

        if (_firstStep is null && response.Metrics.Count > 0)
        {
            (_firstStep, _firstAt) = (_step, time.GetTimestamp());
        }
    }

    /// <summary>From here to the end of training: by the steps seen, else by the estimate; null where neither tells.</summary>
    public TimeSpan? TimeLeft()
    {
        if (Job is not { State: JobState.Running, Estimate: { Steps: > 0 } estimate } || _step > estimate.Steps)
        {
            return null;
        }

        long left = estimate.Steps - _step;
        TimeSpan watched = time.GetElapsedTime(_firstAt);
        return _firstStep is { } first && _step > first ? watched * ((double)left / (_step - first))
            : estimate.Duration is { } whole ? whole.ToTimeSpan() * ((double)left / estimate.Steps) : null;
    }

    /// <summary>All in one line.</summary>
    public string Line()
    {
        long steps = Math.Max(Job?.Estimate?.Steps ?? 0, 1);
        double share = Job?.State == JobState.Succeeded ? 1 : Math.Min(1, (double)_step / steps);
        int full = (int)(share * BarWidth);
        string bar = new string('█', full) + new string('░', BarWidth - full);
        string loss = _losses.Count == 0 ? "" : string.Create(
            CultureInfo.InvariantCulture, $"  loss {_losses.Values.Last():0.0000} {Sparkline.Of([.. _losses.Values], CurveWidth)}");
        string left = TimeLeft() is { } span ? string.Create(CultureInfo.InvariantCulture, $"  {span:hh\\:mm\\:ss} left") : "";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{Job?.Id} {(Job?.State ?? JobState.Unspecified).ToString().ToLowerInvariant()} {bar} {share * 100:0} %  step {_step}/{steps}{loss}{left}");
    }
}
