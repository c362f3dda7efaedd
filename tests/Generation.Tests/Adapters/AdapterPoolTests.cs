using Inference.Generation.Adapters;
using static Inference.Generation.Tests.EngineFixture;

namespace Inference.Generation.Tests.Adapters;

public sealed class AdapterPoolTests : IDisposable
{
    private static readonly TimeSpan Hang = TimeSpan.FromSeconds(30);
    private readonly AdapterFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public async Task The_least_recently_used_leaves_and_pinned_ones_and_those_in_use_stay()
    {
        _fixture.Publish("pinned", "used", "old", "new");
        long one = await Size("pinned");
        using AdapterPool pool = _fixture.Pool(budget: 3 * one);
        await pool.LoadAsync("pinned", pin: true);
        AdapterLease lease = await pool.AcquireAsync("used");
        await pool.LoadAsync("old");

        await pool.LoadAsync("new");
        Assert.Equal(["new", "pinned", "used"], Names(pool));
        await pool.LoadAsync("old");
        Assert.Equal(["old", "pinned", "used"], Names(pool));
        pool.Pin("old", true);
        AdapterBudgetException full = await Assert.ThrowsAsync<AdapterBudgetException>(() => pool.LoadAsync("new"));
        pool.Pin("pinned", false);
        lease.Dispose();
        await pool.LoadAsync("new");

        Assert.Contains($"needs {one} bytes; adapters in use or pinned hold {3 * one} of the budget of {3 * one}", full.Message, StringComparison.Ordinal);
        Assert.Equal(["new", "old", "used"], Names(pool));
        Assert.Equal(3, pool.Evictions);
        Assert.Equal(6, pool.Loads);
    }

    [Fact]
    public async Task Unloading_waits_for_those_that_use_the_adapter_and_later_ones_get_a_new_copy()
    {
        _fixture.Publish("a");
        using AdapterPool pool = _fixture.Pool();
        AdapterLease first = await pool.AcquireAsync("a"), second = await pool.AcquireAsync("a");

        Task unloading = pool.UnloadAsync("a");
        using AdapterLease later = await pool.AcquireAsync("a");
        Assert.NotSame(first.Weights, later.Weights);
        Assert.Equal([true], pool.List().Where(a => a.IsUnloading).Select(a => a.IsUnloading));
        first.Dispose();
        first.Dispose();
        Assert.False(unloading.IsCompleted);
        second.Dispose();
        await unloading.WaitAsync(Hang);

        Assert.Equal([1], pool.List().Select(a => a.Leases));
    }

    [Fact]
    public async Task An_unload_during_an_answer_waits_and_the_answer_is_whole()
    {
        _fixture.Publish("a");
        using AdapterPool pool = _fixture.Pool();
        await using LlmEngine engine = _fixture.Engine(pool);
        string expected = AdapterFixture.Text(await Collect(engine, AdapterFixture.Ask("a", maxTokens: 100)));
        Task<Result> answer = Collect(engine, AdapterFixture.Ask("a", maxTokens: 100));

        await pool.UnloadAsync("a").WaitAsync(Hang);

        Assert.Equal(expected, AdapterFixture.Text(await answer));
    }

    /// <summary>The reading of one adapter is held up: those that run go on to their end, others begin, all on other threads than the reading's.</summary>
    [Fact]
    public async Task While_an_adapter_is_read_all_others_go_on()
    {
        _fixture.Publish("slow", "b");
        using HeldModel model = new(_fixture.Model);
        using AdapterPool pool = new(model, new AdapterPoolOptions { Directory = _fixture.Root });
        await using LlmEngine engine = _fixture.Engine(pool);
        await pool.LoadAsync("b");
        string expected = AdapterFixture.Text(await Collect(engine, AdapterFixture.Ask("b", maxTokens: 60)));
        Task<Result> going = Collect(engine, AdapterFixture.Ask("b", maxTokens: 200));

        model.Hold();
        Task<Result> slow = Collect(engine, AdapterFixture.Ask("slow")), same = Collect(engine, AdapterFixture.Ask("slow"));
        await model.Reading.WaitAsync(Hang);
        Result plain = await Collect(engine, AdapterFixture.Ask("", maxTokens: 60)).WaitAsync(Hang), other = await Collect(engine, AdapterFixture.Ask("b", maxTokens: 60)).WaitAsync(Hang);
        await going.WaitAsync(Hang);
        Assert.False(slow.IsCompleted || same.IsCompleted);
        model.Release();

        Assert.Equal(AdapterFixture.Text(await slow.WaitAsync(Hang)), AdapterFixture.Text(await same.WaitAsync(Hang)));
        Assert.Equal(expected, AdapterFixture.Text(other));
        Assert.NotEqual(expected, AdapterFixture.Text(plain));
        Assert.DoesNotContain(model.Readers, name => name?.StartsWith("engine", StringComparison.Ordinal) == true);
        Assert.Equal(2, model.Readers.Count);
    }

    [Fact]
    public async Task Cancelling_frees_the_adapter()
    {
        _fixture.Publish("a");
        using AdapterPool pool = _fixture.Pool();
        await using LlmEngine engine = _fixture.Engine(pool);
        using CancellationTokenSource leave = new();
        Task<Result> answer = Collect(engine, AdapterFixture.Ask("a", maxTokens: 400), leave.Token);
        await pool.LoadAsync("a");

        await leave.CancelAsync();
        await Record.ExceptionAsync(() => answer);
        await pool.UnloadAsync("a").WaitAsync(Hang);

        Assert.Empty(pool.List());
    }

    [Fact]
    public async Task Two_names_of_one_content_share_its_memory()
    {
        _fixture.Publish("a");
        _fixture.Directory.Point("ada", "a@1");
        _fixture.Write("copy", "1", 100);
        using AdapterPool pool = _fixture.Pool();

        using AdapterLease a = await pool.AcquireAsync("a"), ada = await pool.AcquireAsync("ada"), copy = await pool.AcquireAsync("copy@1");

        Assert.Same(a.Weights, ada.Weights);
        Assert.Same(a.Weights, copy.Weights);
        AdapterInfo info = Assert.Single(pool.List());
        Assert.Equal(["a", "ada", "copy@1"], info.Names);
        Assert.Equal(3, info.Leases);
    }

    [Fact]
    public async Task Requests_that_need_one_adapter_at_once_read_it_once()
    {
        _fixture.Publish("a");
        using AdapterPool pool = _fixture.Pool();

        AdapterLease[] leases = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => pool.AcquireAsync("a")));

        Assert.Equal(1, pool.Loads);
        Assert.Single(leases.Select(lease => lease.Weights).Distinct());
    }

    [Fact]
    public async Task A_name_loaded_by_path_is_served_until_it_is_unloaded()
    {
        string path = _fixture.Write("hidden", "1", 1);
        using AdapterPool pool = _fixture.Pool();

        Assert.False(pool.Knows("mine"));
        await pool.LoadAsync("mine", path);
        Assert.True(pool.Knows("mine"));
        Assert.Equal(["mine"], pool.Registered());
        await Assert.ThrowsAsync<InvalidRequestException>(() => pool.LoadAsync("mine", path + "x"));
        await Assert.ThrowsAsync<InvalidRequestException>(() => pool.LoadAsync("not a name", path));
        await Assert.ThrowsAsync<Inference.Models.Weights.ModelFormatException>(() => pool.LoadAsync("nothing", path + "x"));
        await pool.UnloadAsync("mine");

        Assert.False(pool.Knows("mine") || pool.Knows("nothing"));
        await Assert.ThrowsAsync<UnknownAdapterException>(() => pool.AcquireAsync("mine"));
        await Assert.ThrowsAsync<UnknownAdapterException>(() => pool.UnloadAsync("mine"));
    }

    [Fact]
    public async Task Usage_is_counted_by_name_and_beyond_the_limit_together()
    {
        _fixture.Publish("a", "b", "c");
        using AdapterPool pool = new(_fixture.Model, new AdapterPoolOptions { Directory = _fixture.Root, MaxMetricNames = 1 });
        await using LlmEngine engine = _fixture.Engine(pool);
        foreach (string name in new[] { "a", "b", "a", "c" })
            await Collect(engine, AdapterFixture.Ask(name, maxTokens: 3));

        Assert.Equal([("a", 2L, 6L), ("other", 2L, 6L)], pool.Usage().Select(u => (u.Name, u.Requests, u.GenerationTokens)));
        Assert.All(pool.Usage(), u => Assert.Equal((0, 0), (u.Waiting, u.Running)));
    }

    private async Task<long> Size(string name)
    {
        using AdapterPool pool = _fixture.Pool();
        return (await pool.LoadAsync(name)).ByteLength;
    }

    private static string[] Names(AdapterPool pool) => [.. pool.List().SelectMany(a => a.Names).Order(StringComparer.Ordinal)];
}
