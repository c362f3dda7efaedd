using System.CommandLine;
using Inference.ClientLib;
using Inference.Contracts.V1;
using Spectre.Console;

namespace Inference.Cli.Commands;

/// <summary>`inference models`: lists, loads and unloads a server's models, and writes ones with random weights or with an adapter merged in.</summary>
internal static class ModelsCommand
{
    public static Command Create()
    {
        ServerOptions server = new();
        return new Command("models", "The models of a server; models with random weights, or with an adapter merged in.") { server.Address, server.ApiKey, List(server), Load(server), Unload(server), RandomModelCommand.Create(), MergeModelCommand.Create() };
    }

    private static Command List(ServerOptions server)
    {
        Command command = new("list", "List the models.");
        command.SetAction((result, cancellation) => Cli.RunAsync(async () =>
        {
            using InferenceClient client = server.Connect(result);
            Table table = new();
            table.AddColumns("name", "state", "architecture", "parameters", "format", "context", "device");
            foreach (Model model in await client.Models.ListAsync(cancellationToken: cancellation))
            {
                table.AddRow(
                    Markup.Escape(model.Name), model.State.ToString().ToLowerInvariant(), Markup.Escape(model.Architecture), $"{model.ParameterCount / 1e6:0.0} M",
                    model.WeightFormat, model.ContextLength.ToString(), Markup.Escape(model.Device));
            }

            AnsiConsole.Write(table);
        }));
        return command;
    }

    private static Command Load(ServerOptions server)
    {
        Argument<string> name = new("name") { Description = "Name under which it is served." };
        Argument<string> path = new("path") { Description = "Directory or .gguf file, relative to a model root of the server." };
        Option<string?> draft = new("--draft") { Description = "A smaller model of the same vocabulary that guesses for it, given as path is." };
        Command command = new("load", "Load a model.") { name, path, draft };
        command.SetAction((result, cancellation) => Cli.RunAsync(async () =>
        {
            using InferenceClient client = server.Connect(result);
            await foreach (LoadModelProgress progress in client.Models.LoadAsync(result.GetRequiredValue(name), result.GetRequiredValue(path), draftPath: result.GetValue(draft), cancellationToken: cancellation))
            {
                Console.WriteLine($"{progress.Fraction * 100,3:0} %  {progress.Stage}");
            }
        }));
        return command;
    }

    private static Command Unload(ServerOptions server)
    {
        Argument<string> name = new("name") { Description = "Name of the model." };
        Command command = new("unload", "Let running requests finish, then free the model.") { name };
        command.SetAction((result, cancellation) => Cli.RunAsync(async () =>
        {
            using InferenceClient client = server.Connect(result);
            await client.Models.UnloadAsync(result.GetRequiredValue(name), cancellationToken: cancellation);
        }));
        return command;
    }
}
