using Inference.Training.Speech;

namespace Inference.DemoRecognizer;

/// <summary>A line now and then: step, mean losses since the last line, utterances a second, time left.</summary>
internal sealed class Progress(SpeechTrainer trainer, int lastStep)
{
    private const int Every = 20;

    private readonly TimeProvider _time = TimeProvider.System;
    private long _since = TimeProvider.System.GetTimestamp();
    private double _text, _alignment;
    private int _steps, _examples;

    public void Report(SpeechStepResult result)
    {
        _text += result.TextLoss;
        _alignment += result.AlignmentLoss;
        _examples += result.Examples;
        _steps++;
        if (result.Step % Every != 0 && result.Step != lastStep)
        {
            return;
        }

        TimeSpan elapsed = _time.GetElapsedTime(_since), left = elapsed / _steps * (lastStep - result.Step);
        Console.WriteLine(
            $"step {result.Step}/{lastStep}  text {_text / _steps:f4}  alignment {_alignment / _steps:f4}  norm {result.GradientNorm:f2}  "
            + $"rate {result.LearningRate:e2}  {_examples / elapsed.TotalSeconds:f1} utterances/s of {trainer.Examples}  {left:hh\\:mm\\:ss} left");
        (_text, _alignment, _steps, _examples, _since) = (0, 0, 0, 0, _time.GetTimestamp());
    }
}
