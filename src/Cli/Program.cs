using System.CommandLine;
using Inference.Cli.Commands;
using Inference.JobWorker.Trainers;
using Cli = Inference.Cli.Cli;

// What `serve --jobs` starts for each job.
if (args is [TrainerCommand.Verb])
{
    return TrainerProgram.Run();
}

RootCommand root = new("Self-hosted inference: serve models, talk to them, measure them.")
{
    ServeCommand.Create(),
    ChatCommand.Create(),
    CompleteCommand.Create(),
    TokenizeCommand.Create(),
    ModelsCommand.Create(),
    DevicesCommand.Create(),
    FinetuneCommand.Create(),
    TranscribeCommand.Create(),
    SpeakCommand.Create(),
    ConverseCommand.Create(),
    BenchCommand.Create(),
};

// Signals are the commands' own business: serve drains, chat stops the answer.
ParseResult command = root.Parse(args);
int exitCode = await command.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });
return command.Errors.Count > 0 ? Cli.WrongUsage : exitCode;
