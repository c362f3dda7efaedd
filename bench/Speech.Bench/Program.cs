using System.CommandLine;
using Inference.Speech.Bench;

return new RootCommand("Measures Whisper models (writes them with random weights, runs them, and whisper.cpp on the same file beside) and VITS voices")
{
    MakeCommand.Create(), RunCommand.Create(), VitsCommand.Create(),
}.Parse(args).Invoke();
