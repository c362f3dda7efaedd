using System.CommandLine;
using Inference.Hosting;
using Inference.InferenceHost;
using Inference.JobWorker;
using Inference.JobWorker.Trainers;
using Inference.VoiceHost;

namespace Inference.Cli.Commands;

/// <summary>`inference serve`: runs the host in this process, with further roles on the same ports if wanted. Further arguments in ASP.NET's form (--Section:Key=value) are settings.</summary>
internal static class ServeCommand
{
    public static Command Create()
    {
        Option<int?> httpPort = new("--http-port") { Description = "Port of the OpenAI-compatible API, health and metrics (default 8080; 0 takes a free one)." };
        Option<int?> grpcPort = new("--grpc-port") { Description = "Port of gRPC (default 8081; 0 takes a free one)." };
        Option<string?> address = new("--address") { Description = "Address to listen on (default 127.0.0.1); others need TLS or API keys." };
        Option<string[]> models = new("--model", "-m") { Description = "NAME=PATH of a model directory or .gguf file; may be repeated. Default: the bundled demo model." };
        Option<string[]> drafts = new("--draft") { Description = "NAME=PATH of a smaller model that guesses for model NAME; answers stay the same." };
        Option<string?> device = new("--device") { Description = "cpu (default), cuda:N or auto; this version runs models on the CPU only. See `inference devices`." };
        Option<int?> threads = new("--threads") { Description = "Threads of the model's operations (default: one a processor)." };
        Option<bool> jobs = new("--jobs") { Description = "Fine-tuning too: data sets, jobs and a trainer; what it makes is served at once." };
        Option<bool> voice = new("--voice") { Description = "Speech too: recognition, synthesis, conversations (needs espeak-ng)." };
        Option<string?> data = new("--data") { Description = "Directory of jobs, data sets and adapters (default: \"inference\" in the user's local application data)." };
        Option<bool?> emittedCode = new("--emitted-code") { Description = "Instructions written at run time where they pay (default true)." };
        Command command = new("serve", "Serve models over gRPC and HTTP.") { httpPort, grpcPort, address, models, drafts, device, threads, jobs, voice, data, emittedCode };
        command.TreatUnmatchedTokensAsErrors = false;
        command.SetAction((result, _) =>
        {
            Dictionary<string, string?> settings = [];
            Set("Server:HttpPort", result.GetValue(httpPort)?.ToString());
            Set("Server:GrpcPort", result.GetValue(grpcPort)?.ToString());
            Set("Server:Address", result.GetValue(address));
            Set("Device:Name", result.GetValue(device));
            Set("Device:Threads", result.GetValue(threads)?.ToString());
            Set("Storage:Directory", result.GetValue(data) is { } directory ? Path.GetFullPath(directory) : null);
            Set("Device:EmittedCode", result.GetValue(emittedCode)?.ToString());
            string[] named = result.GetValue(models) ?? [];
            for (int i = 0; i < named.Length; i++)
            {
                if (named[i].Split('=', 2) is not [{ Length: > 0 } name, { Length: > 0 } path])
                {
                    Console.Error.WriteLine($"--model: NAME=PATH is wanted, not '{named[i]}'");
                    return Task.FromResult(Cli.WrongUsage);
                }

                Set($"Models:Load:{i}:Name", name);
                Set($"Models:Load:{i}:Path", Path.GetFullPath(path));
            }

            foreach (string draft in result.GetValue(drafts) ?? [])
            {
                int model = draft.Split('=', 2) is [{ Length: > 0 } name, { Length: > 0 }] ? Array.FindIndex(named, n => n.StartsWith($"{name}=", StringComparison.Ordinal)) : -1;
                if (model < 0)
                {
                    Console.Error.WriteLine($"--draft: NAME=PATH with the NAME of a --model is wanted, not '{draft}'");
                    return Task.FromResult(Cli.WrongUsage);
                }

                Set($"Models:Load:{model}:DraftPath", Path.GetFullPath(draft[(draft.IndexOf('=', StringComparison.Ordinal) + 1)..]));
            }

            if (named.Length == 0 && !IsConfigured(result.UnmatchedTokens))
            {
                Set("Models:Roots:0", BundledModels());
            }

            List<HostRole> roles = [];
            if (result.GetValue(jobs))
            {
                Set("Worker:GiveWay", "true");
                roles.Add(JobWorkerServer.Role(TrainerCommand.Of(typeof(ServeCommand).Assembly)));
            }

            if (result.GetValue(voice))
            {
                roles.Add(VoiceHostServer.Role);
            }

            return InferenceServer.RunAsync([.. result.UnmatchedTokens], settings, roles);

            void Set(string key, string? value)
            {
                if (value is not null)
                {
                    settings[key] = value;
                }
            }
        });
        return command;
    }

    /// <summary>Whether the command line or the environment says where models are.</summary>
    private static bool IsConfigured(IReadOnlyList<string> arguments) =>
        arguments.Any(a => a.StartsWith("--Models:", StringComparison.OrdinalIgnoreCase))
        || Environment.GetEnvironmentVariables().Keys.Cast<string>().Any(k => k.StartsWith("Models__", StringComparison.OrdinalIgnoreCase));

    /// <summary>models/ beside the program where it was published, else in the repository that it was built from.</summary>
    private static string? BundledModels()
    {
        for (DirectoryInfo? directory = new(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            string path = Path.Combine(directory.FullName, "models");
            if (File.Exists(Path.Combine(path, "demo", "config.json")))
            {
                return path;
            }
        }

        return null;
    }
}
