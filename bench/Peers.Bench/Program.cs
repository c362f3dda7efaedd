// Ours beside llama.cpp (and forks with its programs) on the same GGUF files, pair by pair, with the machine's limits.
//   bench/peers --llama DIRECTORY [--ik DIRECTORY] --directory MODELS --vocabulary FILE
//       [--models 0.5b-bf16 ...] [--rows single batched clients start evenness] [--pairs 5] [--threads n] [--follow SECONDS] [--samples FILE]
// (a script: it builds first, as ./inference does). Samples are appended to a file, from which the table of all runs so far is printed; --pairs 0 prints it alone.
using System.CommandLine;
using System.Text.Json;
using Inference.Peers.Bench;

// The child that OwnEngine starts.
if (args is ["engine", string what, string modelPath, string count])
{
    using EngineRun run = new(modelPath, int.Parse(count));
    Console.WriteLine(JsonSerializer.Serialize(what == "batched-decode" ? run.BatchedDecode() : run.PrefillAndDecode()));
    return 0;
}

Option<string?> llama = new("--llama") { Description = "Directory of llama.cpp's programs." };
Option<string?> ik = new("--ik") { Description = "Directory of ik_llama.cpp's programs." };
Option<string> cli = new("--ours") { Description = "This project's command line: its assembly, or the program that `./inference publish` makes.", DefaultValueFactory = _ => Path.Combine(AppContext.BaseDirectory, "Inference.Cli.dll") };
Option<string> directory = new("--directory") { Description = "Where the models are, or are written.", Required = true };
Option<string?> vocabulary = new("--vocabulary") { Description = "A .gguf file whose tokenizer written models get." };
Option<string[]> models = new("--models")
{
    Description = "Names of files without .gguf; SHAPE-TYPE is written where it is not there.",
    AllowMultipleArgumentsPerToken = true,
    DefaultValueFactory = _ => ["15m-f32", "0.5b-bf16", "0.5b-q8_0", "0.5b-q4_0", "1b-bf16", "1b-q8_0", "1b-q4_0", "1b-q4_k"],
};
Option<string[]> rows = new("--rows") { Description = "What to measure.", AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => [.. Rows.Names] };
rows.AcceptOnlyFromAmong([.. Rows.Names]);
Option<int> pairs = new("--pairs") { Description = "Measurements of each row and contender.", DefaultValueFactory = _ => 5 };
Option<int> threads = new("--threads") { Description = "Threads of every contender.", DefaultValueFactory = _ => Environment.ProcessorCount };
Option<double?> follow = new("--follow") { Description = "Seconds for which the row evenness follows its long prompt (default: to its end)." };
Option<string> samples = new("--samples") { Description = "File of the samples.", DefaultValueFactory = _ => "peers.jsonl" };
RootCommand root = new("Compares this project's CPU engine with its peers.") { llama, ik, cli, directory, vocabulary, models, rows, pairs, threads, follow, samples };
root.SetAction(async (result, cancellation) =>
{
    SampleFile file = new(result.GetRequiredValue(samples));
    if (result.GetValue(pairs) > 0)
    {
        int n = result.GetValue(threads);
        List<IContender> contenders = [new OwnEngine(Path.GetFullPath(result.GetRequiredValue(cli)), n)];
        contenders.AddRange(result.GetValue(llama) is string llamaDirectory ? [new LlamaCpp("llama.cpp", Path.GetFullPath(llamaDirectory), n)] : []);
        contenders.AddRange(result.GetValue(ik) is string ikDirectory ? [new LlamaCpp("ik_llama.cpp", Path.GetFullPath(ikDirectory), n)] : []);
        (string commit, _) = await ChildProcess.RunAsync("git", ["-C", AppContext.BaseDirectory, "rev-parse", "--short", "HEAD"], cancellation);
        Rows measures = new(result.GetValue(follow) is double seconds ? TimeSpan.FromSeconds(seconds) : Timeout.InfiniteTimeSpan);
        Comparison comparison = new(measures, contenders, file, commit.Trim(), TimeProvider.System, n);
        comparison.MeasureMachine();
        foreach (string model in result.GetRequiredValue(models))
        {
            string path = Path.GetFullPath(BenchModel.Ensure(result.GetRequiredValue(directory), model, result.GetValue(vocabulary)));
            await comparison.RunAsync(model, path, result.GetRequiredValue(rows), result.GetValue(pairs), cancellation);
        }
    }

    Report.Write(file.Read(), result.GetRequiredValue(directory), Console.Out);
    return 0;
});
return await root.Parse(args).InvokeAsync();
