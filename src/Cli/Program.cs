using System.CommandLine;
using Inference.Cli.Commands;
using Inference.InferenceHost;
using Inference.JobWorker.Trainers;
using Cli = Inference.Cli.Cli;

// What `serve --jobs` starts for each job.
if (args is [TrainerCommand.Verb])
{
    return TrainerProgram.Run();
}

(string Verb, Func<Command> Create)[] commands =
[
    ("serve", ServeCommand.Create),
    ("chat", ChatCommand.Create),
    ("complete", CompleteCommand.Create),
    ("tokenize", TokenizeCommand.Create),
    ("models", ModelsCommand.Create),
    ("devices", DevicesCommand.Create),
    ("finetune", FinetuneCommand.Create),
    ("transcribe", TranscribeCommand.Create),
    ("speak", SpeakCommand.Create),
    ("converse", ConverseCommand.Create),
    ("bench", BenchCommand.Create),
];
string verb = args.FirstOrDefault() ?? "";
if (verb == commands[0].Verb)
{
    InferenceServer.Prepare();
}

// Where one is named the others are not made: they would cost the start of a server more than the reading of its arguments.
RootCommand root = new("Self-hosted inference: serve models, talk to them, measure them.");
bool isKnown = Array.Exists(commands, c => c.Verb == verb);
foreach ((string name, Func<Command> create) in commands)
{
    if (!isKnown || name == verb)
    {
        root.Add(create());
    }
}

// Signals are the commands' own business: serve drains, chat stops the answer.
ParseResult command = root.Parse(args);
int exitCode = await command.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });
return command.Errors.Count > 0 ? Cli.WrongUsage : exitCode;
