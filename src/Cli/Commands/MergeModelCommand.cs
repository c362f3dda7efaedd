using System.CommandLine;
using Inference.Models.Lora;

namespace Inference.Cli.Commands;

/// <summary>`inference models merge`: writes a model with an adapter in its weights.</summary>
internal static class MergeModelCommand
{
    public static Command Create()
    {
        Argument<string> model = new("model") { Description = "Directory of the base model (config.json, safetensors)." };
        Argument<string> adapter = new("adapter") { Description = "Directory of the adapter (adapter_config.json, adapter_model.safetensors)." };
        Option<string> output = new("--output", "-o") { Description = "Directory to write.", Required = true };
        Command command = new("merge", "Write a model with an adapter in its weights.") { model, adapter, output };
        command.SetAction((result, _) => Cli.RunAsync(() =>
        {
            MergedModel.Write(result.GetRequiredValue(model), result.GetRequiredValue(adapter), result.GetRequiredValue(output));
            Console.WriteLine(result.GetRequiredValue(output));
            return Task.CompletedTask;
        }));
        return command;
    }
}
