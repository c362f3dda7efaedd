// The engine without a server: what scheduling costs and gives.
//   dotnet run -c Release --project bench/Generation.Bench -- MODE --model PATH [--threads 2] [--runs 3] [--chunk n] ...
// streams  N answers at once: tokens/s, and the share of the time outside the model. [--streams 1,8,32] [--tokens 128] [--temperature 0] [--text PROMPT] [--speculation PromptLookup]
// prefill  the time between tokens of some streams while a long prompt comes in.      [--streams 7] [--prompt 8192] [--stretch 1.75]
// prefix   clients that arrive together with a common prefix, cold.                    [--streams 8] [--prompt 512] [--own 32] [--tokens 64]
// adapters decode with an adapter a stream against the base alone, as a ratio; publication to first token. [--streams 16] [--rank 16] [--turns 3] [--adapter-type F32|BF16] [--adapter-format BF16|Q8_0] [--targets all-linear|q_proj,v_proj]
using Inference.Generation.Bench;

if (args.Length == 0 || BenchArguments.Parse(args) is not { Model: { } path } arguments)
{
    Console.Error.WriteLine("usage: Generation.Bench streams|prefill|prefix|adapters --model PATH [--streams n,...] [--tokens n] [--prompt n] [--own n] [--temperature t] [--threads n] [--runs n] [--chunk n] [--batch n] [--stretch x] [--overlap true|false]");
    return 2;
}

using BenchModel model = new(path, arguments.Threads);
using AdaptersBench adapters = new(model, arguments);
Console.WriteLine($"{path}: {model.Description}");
for (int run = 0; run < arguments.Runs; run++)
{
    foreach (int streams in arguments.Streams)
    {
        string line = args[0] switch
        {
            "streams" => await StreamsBench.RunAsync(model, arguments, streams),
            "prefill" => await PrefillBench.RunAsync(model, arguments, streams),
            "adapters" => await adapters.RunAsync(streams),
            "prefix" => await PrefixBench.RunAsync(model, arguments, streams),
            _ => throw new ArgumentException($"there is no mode {args[0]}"),
        };
        Console.WriteLine(line);
    }
}

return 0;
