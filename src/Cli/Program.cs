using System.CommandLine;
using Inference.Cli.Commands;
using Cli = Inference.Cli.Cli;

RootCommand root = new("Self-hosted inference: serve models, talk to them, measure them.")
{
    ServeCommand.Create(),
    ChatCommand.Create(),
    CompleteCommand.Create(),
    TokenizeCommand.Create(),
    ModelsCommand.Create(),
    FinetuneCommand.Create(),
    BenchCommand.Create(),
};

// Signals are the commands' own business: serve drains, chat stops the answer.
ParseResult command = root.Parse(args);
int exitCode = await command.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });
return command.Errors.Count > 0 ? Cli.WrongUsage : exitCode;
