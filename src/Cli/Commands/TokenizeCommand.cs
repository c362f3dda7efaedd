using System.CommandLine;
using Inference.ClientLib;
using Inference.Contracts.V1;

namespace Inference.Cli.Commands;

/// <summary>`inference tokenize`: a text's tokens, one a line.</summary>
internal static class TokenizeCommand
{
    public static Command Create()
    {
        ServerOptions server = new();
        Argument<string?> text = new("text") { Description = "The text; read from standard input where it is left out.", Arity = ArgumentArity.ZeroOrOne };
        Option<bool> special = new("--parse-special") { Description = "Parse special tokens such as <|im_start|> in the text." };
        Option<bool> count = new("--count") { Description = "Print the number of tokens only." };
        Command command = new("tokenize", "Show a text's tokens.") { server.Address, server.ApiKey, server.Model, text, special, count };
        command.SetAction((result, cancellation) => Cli.RunAsync(async () =>
        {
            using InferenceClient client = server.Connect(result);
            TokenizeRequest request = new()
            {
                Model = result.GetRequiredValue(server.Model),
                Text = result.GetValue(text) ?? await Console.In.ReadToEndAsync(cancellation),
                ParseSpecial = result.GetValue(special),
            };
            TokenizeResponse response = await client.Generation.TokenizeAsync(request, cancellationToken: cancellation);
            if (result.GetValue(count))
            {
                Console.WriteLine(response.Ids.Count);
                return;
            }

            foreach ((uint id, string token) in response.Ids.Zip(response.Tokens))
            {
                Console.WriteLine($"{id,8}  {System.Text.Json.JsonEncodedText.Encode(token, System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping)}");
            }
        }));
        return command;
    }
}
