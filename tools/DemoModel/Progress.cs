using Inference.Training;

namespace Inference.DemoModel;

/// <summary>A line now and then: step, mean loss since the last line, tokens a second, time left.</summary>
internal sealed class Progress(Trainer trainer, int lastStep)
{
    private const int Every = 10;

    private readonly TimeProvider _time = TimeProvider.System;
    private long _since = TimeProvider.System.GetTimestamp();
    private double _loss;
    private int _steps, _rows;

    public void Report(StepResult result)
    {
        _loss += result.Loss;
        _rows += result.Rows;
        _steps++;
        if (result.Step % Every != 0 && result.Step != lastStep)
        {
            return;
        }

        TimeSpan elapsed = _time.GetElapsedTime(_since);
        TimeSpan left = elapsed / _steps * (lastStep - result.Step);
        Console.WriteLine(
            $"step {result.Step}/{lastStep}  loss {_loss / _steps:f4}  norm {result.GradientNorm:f2}  rate {result.LearningRate:e2}  "
            + $"{_rows / elapsed.TotalSeconds:f0} tokens/s  epoch {trainer.Epochs:f2}  {left:hh\\:mm\\:ss} left");
        (_loss, _steps, _rows, _since) = (0, 0, 0, _time.GetTimestamp());
    }
}
