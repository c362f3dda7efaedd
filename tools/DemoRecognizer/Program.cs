using System.CommandLine;
using Inference.DemoRecognizer;

return new RootCommand("Makes the demo recogniser: speech of espeak-ng over the demo model's questions, training, word error rates")
{
    TrainCommand.Create(), EvaluateCommand.Create(),
}.Parse(args).Invoke();
