using Inference.Training.Optimisation;

namespace Inference.Training.Tests;

public sealed class CosineScheduleTests
{
    [Theory]
    [InlineData(1, 0.1f)]
    [InlineData(10, 1f)]
    [InlineData(60, 0.55f)]
    [InlineData(110, 0.1f)]
    [InlineData(500, 0.1f)]
    public void The_rate_rises_to_the_peak_falls_by_a_cosine_and_stays_at_the_end(int step, float expected) =>
        Assert.Equal(expected, new CosineSchedule(Peak: 1, Final: 0.1f, WarmupSteps: 10, TotalSteps: 110).At(step), 1e-6f);
}
