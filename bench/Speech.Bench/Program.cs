using System.CommandLine;
using Inference.Speech.Bench;

return new RootCommand("Measures Whisper models (writes them with random weights, runs them, and whisper.cpp on the same file beside), VITS voices and voice hosts")
{
    MakeCommand.Create(), RunCommand.Create(), VitsCommand.Create(), StreamsCommand.Create(), LongCommand.Create(), LatencyCommand.Create(),
}.Parse(args).Invoke();
