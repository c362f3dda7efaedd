using System.CommandLine;
using Inference.ClientLib;

namespace Inference.Cli.Commands;

/// <summary>The options by which every client command finds its server.</summary>
/// <param name="variable">Environment variable with the address.</param>
internal sealed class ServerOptions(string variable = "INFERENCE_SERVER")
{
    public Option<string> Address { get; } = new("--server", "-s")
    {
        Description = "The server's gRPC address.",
        DefaultValueFactory = _ => Environment.GetEnvironmentVariable(variable) ?? "http://127.0.0.1:8081",
        Recursive = true,
    };

    public Option<string?> ApiKey { get; } = new("--api-key")
    {
        Description = "API key; better given in the environment variable INFERENCE_API_KEY.",
        DefaultValueFactory = _ => Environment.GetEnvironmentVariable("INFERENCE_API_KEY"),
        Recursive = true,
    };

    public Option<string> Model { get; } = new("--model", "-m")
    {
        Description = "Name of the model; empty means the server's default.",
        DefaultValueFactory = _ => "",
    };

    /// <summary>The client that the options describe.</summary>
    /// <exception cref="ArgumentException">The address is not a http or https address.</exception>
    public InferenceClient Connect(ParseResult result)
    {
        string given = result.GetRequiredValue(Address);
        return Uri.TryCreate(given, UriKind.Absolute, out Uri? uri)
            ? new InferenceClient(uri, result.GetValue(ApiKey))
            : throw new ArgumentException($"--server: an address such as http://127.0.0.1:8081 is wanted, not '{given}'");
    }
}
