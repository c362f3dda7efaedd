using System.CommandLine;
using Inference.Cli.Commands;

RootCommand root = new("Self-hosted inference: serve models, talk to them, measure them.")
{
    ServeCommand.Create(),
    ChatCommand.Create(),
    CompleteCommand.Create(),
    TokenizeCommand.Create(),
    ModelsCommand.Create(),
    BenchCommand.Create(),
};

// Signals are the commands' own business: serve drains, chat stops the answer.
return await root.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });
