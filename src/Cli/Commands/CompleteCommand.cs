using System.CommandLine;
using Inference.ClientLib;
using Inference.Contracts.V1;

namespace Inference.Cli.Commands;

/// <summary>`inference complete`: continues a text.</summary>
internal static class CompleteCommand
{
    public static Command Create()
    {
        ServerOptions server = new();
        SamplingOptions sampling = new();
        Argument<string?> prompt = new("prompt") { Description = "The text; read from standard input where it is left out.", Arity = ArgumentArity.ZeroOrOne };
        Option<bool> echo = new("--echo") { Description = "Print the prompt before its continuation." };
        Command command = new("complete", "Continue a text.") { server.Address, server.ApiKey, server.Model, prompt, echo };
        sampling.AddTo(command);
        command.SetAction((result, cancellation) => Cli.RunAsync(async () =>
        {
            using InferenceClient client = server.Connect(result);
            GenerateRequest request = new()
            {
                Model = result.GetRequiredValue(server.Model),
                Text = result.GetValue(prompt) ?? await Console.In.ReadToEndAsync(cancellation),
                Sampling = sampling.Read(result),
                Echo = result.GetValue(echo),
            };
            await foreach (GenerateResponse response in client.Generation.GenerateAsync(request, cancellationToken: cancellation))
            {
                foreach (Delta delta in response.Deltas)
                {
                    Console.Write(delta.Text);
                }
            }

            Console.WriteLine();
        }));
        return command;
    }
}
