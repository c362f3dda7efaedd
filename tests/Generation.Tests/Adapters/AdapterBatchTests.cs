using Inference.Generation.Adapters;
using Inference.Models.Lora;
using Inference.Models.Weights;
using static Inference.Generation.Tests.EngineFixture;

namespace Inference.Generation.Tests.Adapters;

public sealed class AdapterBatchTests : IDisposable
{
    private readonly AdapterFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public async Task Base_and_30_adapters_in_one_batch_each_give_exactly_what_they_give_alone()
    {
        string[] names = ["", .. Enumerable.Range(0, 30).Select(i => $"a{i}")];
        foreach (string name in names.Skip(1))
        {
            int i = int.Parse(name[1..], provider: null);
            _fixture.Write(name, "1", i, AdapterFixture.Everywhere with { Rank = 1 + (i % 16), UseDora = i % 7 == 3, UseRsLora = i % 5 == 2 });
            _fixture.Directory.Point(name, "1");
        }

        Dictionary<string, string> alone = [];
        using (AdapterPool pool = _fixture.Pool())
        {
            await using LlmEngine engine = _fixture.Engine(pool);
            foreach (string name in names)
                alone[name] = AdapterFixture.Text(await Collect(engine, AdapterFixture.Ask(name, maxTokens: 48)));
        }

        using AdapterPool shared = _fixture.Pool();
        await using LlmEngine batch = _fixture.Engine(shared, new LlmEngineOptions { MaxBatchTokens = 2048, PrefillChunk = 7, MaxStepStretch = 1000 }, start: false);
        foreach (string name in names.Skip(1))
            await shared.LoadAsync(name);
        Task<Result>[] answers = [.. names.Select(name => Collect(batch, AdapterFixture.Ask(name, maxTokens: 48)))];
        while (batch.Statistics.LiveRequests < names.Length)
            await Task.Yield();
        int most = 0;
        while (answers.Any(a => !a.IsCompleted))
        {
            batch.Step();
            most = Math.Max(most, batch.Statistics.Running);
            await Task.Yield();
        }

        Assert.Equal(names.Length, most);
        for (int i = 0; i < names.Length; i++)
            Assert.Equal(alone[names[i]], AdapterFixture.Text(await answers[i]));
        Assert.Equal(names.Length, alone.Values.Distinct().Count());
    }

    [Fact]
    public async Task The_prefix_cache_crosses_neither_adapters_nor_versions_of_one_name()
    {
        _fixture.Publish("a", "b");
        _fixture.Write("a", "2", 7);
        using AdapterPool pool = _fixture.Pool();
        await using LlmEngine engine = _fixture.Engine(pool, new LlmEngineOptions { BlockLength = 4 });

        async Task<(string Text, bool Cached)> Run(string adapter)
        {
            Result result = await Collect(engine, AdapterFixture.Ask(adapter));
            return (AdapterFixture.Text(result), result.Usage.CachedTokens > 0);
        }

        (string plain, bool _) = await Run("");
        (string first, bool crossedFromBase) = await Run("a");
        (string other, bool crossedFromOther) = await Run("b");
        Assert.Equal((first, true), await Run("a"));
        Assert.Equal((first, true), await Run("a@1"));
        _fixture.Directory.Point("a", "2");
        (string second, bool crossedFromVersion) = await Run("a");
        _fixture.Directory.Rollback("a");
        Assert.Equal((first, true), await Run("a"));
        Assert.Equal((second, true), await Run("a@2"));
        Assert.Equal((plain, true), await Run(""));

        Assert.False(crossedFromBase || crossedFromOther || crossedFromVersion);
        Assert.Equal(4, new[] { plain, first, other, second }.Distinct().Count());
    }

    [Fact]
    public async Task An_adapter_whose_files_are_replaced_under_its_name_answers_with_the_new_ones()
    {
        string path = _fixture.Write("a", "1", 1);
        _fixture.Directory.Point("a", "1");
        using AdapterPool pool = _fixture.Pool();
        await using LlmEngine engine = _fixture.Engine(pool, new LlmEngineOptions { BlockLength = 4 });
        string before = AdapterFixture.Text(await Collect(engine, AdapterFixture.Ask("a")));
        File.SetLastWriteTimeUtc(Path.Combine(path, PeftAdapter.TensorsName), DateTime.UnixEpoch);
        _fixture.Write("a", "1", 2);

        Result after = await Collect(engine, AdapterFixture.Ask("a"));

        Assert.NotEqual(before, AdapterFixture.Text(after));
        Assert.Equal(0, after.Usage.CachedTokens);
    }

    [Fact]
    public async Task A_wrong_adapter_fails_its_request_only()
    {
        _fixture.Publish("good", "torn");
        _fixture.Write("wide", "1", 1, config: _fixture.Config with { HiddenSize = 128 });
        _fixture.Directory.Point("wide", "1");
        string tensors = Path.Combine(_fixture.Root, "torn", "1", PeftAdapter.TensorsName);
        File.WriteAllBytes(tensors, File.ReadAllBytes(tensors)[..^100]);
        File.WriteAllText(Path.Combine(_fixture.Write("kind", "1", 1), PeftConfigFile.Name), """{"peft_type": "ADALORA"}""");
        _fixture.Directory.Point("kind", "1");
        using AdapterPool pool = _fixture.Pool();
        await using LlmEngine engine = _fixture.Engine(pool);
        string expected = AdapterFixture.Text(await Collect(engine, AdapterFixture.Ask("good", maxTokens: 60)));

        Task<Result> going = Collect(engine, AdapterFixture.Ask("good", maxTokens: 60));
        UnknownAdapterException unknown = await Assert.ThrowsAsync<UnknownAdapterException>(() => Collect(engine, AdapterFixture.Ask("none")));
        ModelFormatException wide = await Assert.ThrowsAsync<ModelFormatException>(() => Collect(engine, AdapterFixture.Ask("wide")));
        ModelFormatException torn = await Assert.ThrowsAsync<ModelFormatException>(() => Collect(engine, AdapterFixture.Ask("torn")));
        ModelFormatException kind = await Assert.ThrowsAsync<ModelFormatException>(() => Collect(engine, AdapterFixture.Ask("kind")));

        Assert.Contains("\"none\"", unknown.Message, StringComparison.Ordinal);
        Assert.Contains("made for another base", wide.Message, StringComparison.Ordinal);
        Assert.Contains(PeftAdapter.TensorsName, torn.Message, StringComparison.Ordinal);
        Assert.Contains("ADALORA", kind.Message, StringComparison.Ordinal);
        Assert.Equal(expected, AdapterFixture.Text(await going));
        Assert.Equal(0, pool.List().Sum(a => a.Leases));
    }

    [Fact]
    public async Task Requests_of_many_adapters_with_room_for_few_while_others_unload_them_give_what_they_give_alone()
    {
        string[] names = [.. Enumerable.Range(0, 6).Select(i => $"a{i}")];
        _fixture.Publish(names);
        Dictionary<string, string> alone = [];
        long one;
        using (AdapterPool pool = _fixture.Pool())
        {
            await using LlmEngine engine = _fixture.Engine(pool);
            foreach (string name in names)
                alone[name] = AdapterFixture.Text(await Collect(engine, AdapterFixture.Ask(name)));
            one = pool.List()[0].ByteLength;
        }

        using AdapterPool small = _fixture.Pool(budget: 3 * one);
        await using LlmEngine crowded = _fixture.Engine(small);
        using CancellationTokenSource stop = new();
        Task unloading = Task.Run(async () =>
        {
            for (int i = 0; !stop.IsCancellationRequested; i++)
            {
                await Record.ExceptionAsync(() => small.UnloadAsync(names[i % names.Length]));
                await Task.Yield();
            }
        });
        int refused = 0, answered = 0;
        await Parallel.ForAsync(0, 120, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (i, _) =>
        {
            string name = names[i * 7 % names.Length];
            try
            {
                Assert.Equal(alone[name], AdapterFixture.Text(await Collect(crowded, AdapterFixture.Ask(name))));
                Interlocked.Increment(ref answered);
            }
            catch (AdapterBudgetException)
            {
                Interlocked.Increment(ref refused);
            }
        });
        await stop.CancelAsync();
        await unloading;

        Assert.Equal(120, answered + refused);
        Assert.True(answered > 30, $"{answered} answered");
        Assert.Equal(0, small.List().Sum(a => a.Leases));
    }
}
