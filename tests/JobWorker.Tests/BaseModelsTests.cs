using Inference.JobWorker.Models;
using Inference.TestSupport;
using Microsoft.Extensions.DependencyInjection;

namespace Inference.JobWorker.Tests;

public class BaseModelsTests
{
    [Fact]
    public async Task Models_under_a_root_and_named_ones_are_found_and_nothing_else()
    {
        string models = Path.Combine(SharedData.RepositoryRoot, "models");
        await using RunningWorker worker = await RunningWorker.StartAsync(
            ("Worker:Slots", "0"), ("Models:Roots:0", models), ("Models:Load:0:Name", "tiny"), ("Models:Load:0:Path", "demo"));
        BaseModels bases = worker.Services.GetRequiredService<BaseModels>();

        Assert.Contains("tiny", bases.Names);
        Assert.Contains("demo", bases.Names);
        Assert.Equal(Path.Combine(models, "demo"), bases.FindPath("tiny"));
        Assert.Null(bases.Find("../models/demo"));
        Assert.Null(bases.Find(""));
        BaseModel demo = bases.Find("demo")!;
        Assert.Equal(("demo", 1024), (demo.Name, demo.Config.ContextLength));
        Assert.InRange(demo.ParameterCount, 1_000_000, demo.WeightBytes);
        Assert.NotNull(demo.ChatTemplate);
    }
}
