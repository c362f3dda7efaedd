using System.Globalization;
using Inference.Generation.Speculation;
using Inference.Models.Lora;
using Inference.Tensors;

namespace Inference.Generation.Bench;

/// <summary>What to measure.</summary>
internal sealed record BenchArguments
{
    public required string? Model { get; init; }

    public required int Threads { get; init; }

    public required int Runs { get; init; }

    public required int[] Streams { get; init; }

    public required int Tokens { get; init; }

    public required int Prompt { get; init; }

    public required int Own { get; init; }

    public required int Rank { get; init; }

    public required int Turns { get; init; }

    public required TargetModules Targets { get; init; }

    public required DType AdapterType { get; init; }

    public required DType? AdapterFormat { get; init; }

    public required string? Text { get; init; }

    public required float Temperature { get; init; }

    public required LlmEngineOptions Engine { get; init; }

    public static BenchArguments Parse(string[] args)
    {
        LlmEngineOptions defaults = new();
        return new BenchArguments
        {
            Model = Text("--model", null),
            Threads = Number("--threads", Environment.ProcessorCount),
            Runs = Number("--runs", 3),
            Streams = [.. Text("--streams", args[0] switch { "streams" => "1,8,32", "prefill" => "7", "adapters" => "16", _ => "8" })!.Split(',').Select(int.Parse)],
            Tokens = Number("--tokens", args[0] is "streams" or "adapters" ? 128 : 64),
            Prompt = Number("--prompt", args[0] == "prefill" ? 8192 : 512),
            Own = Number("--own", 32),
            Rank = Number("--rank", 16),
            Turns = Number("--turns", 3),
            Targets = Text("--targets", TargetModules.AllLinearName)!.Split(',') is [var text] ? TargetModules.FromText(text) : TargetModules.FromNames(Text("--targets", null)!.Split(',')),
            AdapterType = Enum.Parse<DType>(Text("--adapter-type", "F32")!),
            AdapterFormat = Text("--adapter-format", null) is { } format ? Enum.Parse<DType>(format) : null,
            Text = Text("--text", null),
            Temperature = float.Parse(Text("--temperature", "0")!, CultureInfo.InvariantCulture),
            Engine = defaults with
            {
                PrefillChunk = Number("--chunk", defaults.PrefillChunk),
                MaxBatchTokens = Number("--batch", defaults.MaxBatchTokens),
                OverlapDelivery = Text("--overlap", null) is { } overlap ? bool.Parse(overlap) : null,
                MaxStepStretch = double.Parse(Text("--stretch", defaults.MaxStepStretch.ToString(CultureInfo.InvariantCulture))!, CultureInfo.InvariantCulture),
                Speculation = Enum.Parse<SpeculationMode>(Text("--speculation", "None")!),
                MaxUnreadTokens = 65_536,
                Seed = 1,
            },
        };

        string? Text(string name, string? otherwise)
        {
            int at = Array.IndexOf(args, name);
            return at >= 0 && at + 1 < args.Length ? args[at + 1] : otherwise;
        }

        int Number(string name, int otherwise) => Text(name, null) is { } text ? int.Parse(text, CultureInfo.InvariantCulture) : otherwise;
    }
}
