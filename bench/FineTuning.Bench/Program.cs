// From the moment that a job succeeded (by the clock of the queue, on the same machine) to the first token of its adapter. The server: ./inference serve --jobs
//   dotnet run -c Release --project bench/FineTuning.Bench -- [--server http://127.0.0.1:8081] [--model demo] [--jobs 5] [--steps 10]
using System.Diagnostics;
using System.Globalization;
using System.Text;
using Inference.ClientLib;
using Inference.Contracts.FineTuning.V1;
using Inference.Contracts.V1;
using Job = Inference.Contracts.FineTuning.V1.Job;

Dictionary<string, string> options = args.Chunk(2).ToDictionary(pair => pair[0], pair => pair.ElementAtOrDefault(1) ?? "");
string Option(string name, string standard) => options.GetValueOrDefault(name, standard);
string model = Option("--model", "demo");
int jobs = int.Parse(Option("--jobs", "5"), CultureInfo.InvariantCulture), steps = int.Parse(Option("--steps", "10"), CultureInfo.InvariantCulture);
using InferenceClient client = new(new Uri(Option("--server", "http://127.0.0.1:8081")));

string lines = string.Concat(Enumerable.Range(0, 64).Select(i =>
    $$"""{"messages":[{"role":"user","content":"What is the river number {{i}} of Vostrania?"},{"role":"assistant","content":"It is the Aldor {{i}}."}]}""" + "\n"));
Dataset data = await client.FineTuning.UploadAsync("train.jsonl", new MemoryStream(Encoding.UTF8.GetBytes(lines)));
SamplingParameters sampling = new() { MaxTokens = 1, Temperature = 0 };
await client.Generation.CompleteAsync(new GenerateRequest { Model = model, Text = "The river", Sampling = sampling });

List<double> times = [], whole = [];
for (int i = 0; i < jobs; i++)
{
    Job job = await client.FineTuning.CreateAsync(new CreateJobRequest
    {
        Model = model,
        TrainingFile = data.Id,
        Suffix = $"bench-{Guid.NewGuid():N}",
        Hyperparameters = new Hyperparameters { MaxSteps = steps },
    });
    await foreach (WatchJobResponse response in client.FineTuning.WatchAsync(new WatchJobRequest { Id = job.Id }))
    {
        if (response.Job is not { State: not (JobState.Queued or JobState.Running or JobState.Validating) } ended)
        {
            continue;
        }

        if (ended.State != JobState.Succeeded)
        {
            throw new InvalidOperationException($"{ended.Id}: {ended.State} {ended.Failure?.Message}");
        }

        long told = Stopwatch.GetTimestamp();
        await using IAsyncEnumerator<string> text = client.Generation.StreamTextAsync("The river", sampling, ended.FineTunedModel).GetAsyncEnumerator();
        await text.MoveNextAsync();
        times.Add(Stopwatch.GetElapsedTime(told).TotalMilliseconds);
        whole.Add((TimeProvider.System.GetUtcNow() - ended.EndedAt.ToDateTimeOffset()).TotalMilliseconds);
        Console.WriteLine(FormattableString.Invariant($"{ended.FineTunedModel}: first token {whole[^1]:F0} ms after its job succeeded, {times[^1]:F1} ms after this was told"));
        break;
    }
}

Console.WriteLine(FormattableString.Invariant(
    $"{times.Count} adapters: from the success, median {whole.Order().ElementAt(whole.Count / 2):F0} ms, slowest {whole.Max():F0} ms; from the word of it, {times.Order().ElementAt(times.Count / 2):F1} ms and {times.Max():F1} ms"));
