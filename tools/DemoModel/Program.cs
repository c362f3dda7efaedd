using System.CommandLine;
using Inference.DemoModel;

return new RootCommand("Makes the demo model: prints its corpus, trains it, measures it on held-out questions, and teaches it adapters")
{
    CorpusCommand.Create(), TrainCommand.Create(), EvaluateCommand.Create(), AdapterCommand.Create(),
}.Parse(args).Invoke();
