using Inference.Models.Lora;
using Inference.TestSupport;

namespace Inference.Models.Tests.Lora;

public sealed class AdapterDirectoryTests : IDisposable
{
    private readonly TemporaryDirectory _root = new();
    private readonly AdapterDirectory _adapters;

    public AdapterDirectoryTests()
    {
        _adapters = new AdapterDirectory(_root.Path);
        foreach (string path in new[] { "physics/1", "physics/2", "physics/3", "plain" })
        {
            PeftConfigFile.Write(Path.Combine(Directory.CreateDirectory(_root.File(path)).FullName, PeftConfigFile.Name), new LoraConfig());
        }
    }

    public void Dispose() => _root.Dispose();

    [Fact]
    public void A_name_means_what_its_pointer_says_and_back()
    {
        Assert.Null(_adapters.Find("physics"));
        _adapters.Point("physics", "1");
        Assert.Equal(new AdapterVersion("physics", "1", _root.File("physics/1")), _adapters.Find("physics"));
        _adapters.Point("physics", "2");
        _adapters.Point("physics", "2");
        _adapters.Point("physics", "3");

        Assert.Equal("3", _adapters.Find("physics")!.Version);
        Assert.Equal("2", _adapters.Rollback("physics").Version);
        Assert.Equal("1", _adapters.Rollback("physics").Version);
        Assert.Equal(_root.File("physics/1"), _adapters.Find("physics")!.Path);
        Assert.Throws<ArgumentException>(() => _adapters.Rollback("physics"));
        Assert.Equal(["1"], _adapters.History("physics"));
        Assert.Equal(_root.File("physics/2"), _adapters.Find("physics@2")!.Path);
    }

    [Fact]
    public void An_alias_points_to_a_version_of_another_name()
    {
        _adapters.Point("ada", "physics@2");

        Assert.Equal(new AdapterVersion("ada", "physics@2", _root.File("physics/2")), _adapters.Find("ada"));
        Assert.Equal(["ada", "plain"], _adapters.Names());
        Assert.Equal(["1", "2", "3"], _adapters.Versions("physics"));
        Assert.Empty(_adapters.Versions("ada"));
    }

    [Fact]
    public void An_adapter_without_versions_is_found_by_its_name() =>
        Assert.Equal(new AdapterVersion("plain", "", _root.File("plain")), _adapters.Find("plain"));

    [Theory]
    [InlineData("../physics/1")]
    [InlineData("physics/1")]
    [InlineData("physics@../physics/1")]
    [InlineData("physics@")]
    [InlineData("physics@4")]
    [InlineData("@1")]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("missing")]
    public void What_is_not_there_or_leads_elsewhere_is_not_found(string reference) => Assert.Null(_adapters.Find(reference));

    [Theory]
    [InlineData("physics", "4")]
    [InlineData("physics", "../physics/1")]
    [InlineData("ada", "physics@4")]
    [InlineData("../ada", "physics@1")]
    [InlineData("current", "physics@1")]
    public void A_pointer_to_nothing_is_refused(string name, string target) =>
        Assert.Throws<ArgumentException>(() => _adapters.Point(name, target));

    [Fact]
    public void A_pointer_that_others_wrote_by_hand_may_lead_nowhere()
    {
        File.WriteAllText(_root.File("physics/current"), "../../etc\n");
        Assert.Null(_adapters.Find("physics"));
        Directory.CreateDirectory(_root.File("loop"));
        File.WriteAllText(_root.File("loop/current"), "loop@1\n");
        Assert.Null(_adapters.Find("loop"));
    }

    [Fact]
    public async Task Readers_see_the_old_version_or_the_new_one()
    {
        _adapters.Point("physics", "1");
        using SemaphoreSlim begun = new(0);
        using CancellationTokenSource stop = new();
        Task reader = Task.Run(() =>
        {
            do
            {
                Assert.Contains(_adapters.Find("physics")?.Version, new[] { "1", "2" });
                begun.Release();
            }
            while (!stop.IsCancellationRequested);
        });
        await begun.WaitAsync();
        for (int i = 0; i < 50; i++)
        {
            _adapters.Point("physics", i % 2 == 0 ? "2" : "1");
        }

        await stop.CancelAsync();
        await reader;
    }
}
