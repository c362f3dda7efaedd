using Inference.Generation.Adapters;
using Inference.InferenceHost.Adapters;
using Inference.Models;
using Inference.Models.Architectures;
using Inference.Models.Lora;
using Inference.Models.Weights;
using Inference.Tensors.Cpu;
using Inference.TestSupport;

namespace Inference.JobWorker.Tests;

/// <summary>Which copies of a bucket's adapters stay on a host's disk.</summary>
public sealed class AdapterCopiesTests : IDisposable
{
    private readonly TemporaryDirectory _files = new();
    private readonly HandTime _time = new();
    private readonly AdapterDirectory _directory;
    private readonly long _one;

    public AdapterCopiesTests()
    {
        _directory = new AdapterDirectory(_files.File("copies"));
        Write("old", "1", hours: 9);
        _one = new DirectoryInfo(_directory.PathOf("old", "1")).EnumerateFiles().Sum(file => file.Length);
    }

    private static string Base => Path.Combine(SharedData.RepositoryRoot, "models/demo");

    public void Dispose() => _files.Dispose();

    [Fact]
    public void Beyond_the_budget_those_that_no_name_means_leave_the_longest_unasked_first()
    {
        Write("student", "1", hours: 8);
        Write("student", "2", hours: 7);
        Write("student", "3", hours: 6);
        _directory.Point("student", "2");
        Write("other", "1", hours: 5);
        _directory.Point("alias", "other@1");
        AdapterCopies copies = Copies(3);

        copies.Trim();
        Assert.Equal(["other@1", "student@2", "student@3"], Left());
        _directory.Point("student", "3");
        copies.Trim();
        Assert.Equal(["other@1", "student@2", "student@3"], Left());
        Copies(0).Trim();

        Assert.Equal(["other@1", "student@3"], Left());
        Assert.Equal("other@1", _directory.Find("alias")!.Version);
    }

    [Fact]
    public void A_copy_that_was_just_asked_for_stays_until_nobody_asked_for_a_while()
    {
        AdapterCopies copies = Copies(0);

        Assert.True(copies.TryUse("old", "1"));
        Assert.False(copies.TryUse("old", "2"));
        copies.Trim();
        Assert.Equal(["old@1"], Left());
        _time.Now += TimeSpan.FromMinutes(11);
        copies.Trim();

        Assert.Empty(Left());
        Assert.False(copies.TryUse("old", "1"));
    }

    [Fact]
    public async Task A_copy_of_an_adapter_in_memory_stays_until_that_is_unloaded()
    {
        using CpuBackend backend = new(1);
        using ICausalModel model = ArchitectureRegistry.Load(Base, backend);
        using AdapterPool pool = new(model, new AdapterPoolOptions { Directory = _directory.Root });
        AdapterCopies copies = Copies(0);
        copies.KeepThoseOf(pool);
        await pool.LoadAsync("old@1");

        copies.Trim();
        Assert.Equal(["old@1"], Left());
        await pool.UnloadAsync("old@1");
        copies.Trim();

        Assert.Empty(Left());
    }

    [Fact]
    public void What_an_ended_process_left_half_written_leaves_after_a_day()
    {
        string left = Path.Combine(_directory.Root, AdapterCopies.PartialPrefix + "1"), going = Path.Combine(_directory.Root, AdapterCopies.PartialPrefix + "2");
        Directory.CreateDirectory(left);
        Directory.CreateDirectory(going);
        Directory.SetLastWriteTimeUtc(left, _time.Now.UtcDateTime.AddDays(-2));
        Directory.SetLastWriteTimeUtc(going, _time.Now.UtcDateTime.AddHours(-2));

        Copies(1).Trim();

        Assert.False(Directory.Exists(left));
        Assert.True(Directory.Exists(going));
        Assert.Equal(["old@1"], Left());
    }

    private AdapterCopies Copies(int budget) => new(_directory, budget * _one, _time);

    private void Write(string name, string version, int hours)
    {
        LoraConfig lora = new() { Rank = 1, TargetModules = TargetModules.FromNames(["q_proj"]) };
        RandomAdapter.Write(_directory.PathOf(name, version), HuggingFaceConfig.Read(Base), lora, seed: 1);
        Directory.SetLastWriteTimeUtc(_directory.PathOf(name, version), _time.Now.UtcDateTime.AddHours(-hours));
    }

    private string[] Left() =>
    [
        .. Directory.GetDirectories(_directory.Root).Select(path => Path.GetFileName(path)!).Where(name => name[0] != '.')
            .SelectMany(name => _directory.Versions(name).Select(version => $"{name}@{version}")).Order(StringComparer.Ordinal),
    ];

    private sealed class HandTime : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
