namespace Inference.Jobs.Tests;

/// <summary>A machine whose wall clock is off; time passes on it as anywhere.</summary>
internal sealed class WrongClock(TimeSpan error) : TimeProvider
{
    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + error;
}
