namespace Inference.Jobs.Tests;

/// <summary>Waits for tokens.</summary>
internal static class Waiting
{
    /// <summary>Ends when the token fires.</summary>
    public static async Task WaitAsync(this CancellationToken token, TimeSpan limit)
    {
        TaskCompletionSource fired = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using CancellationTokenRegistration _ = token.Register(() => fired.TrySetResult());
        await fired.Task.WaitAsync(limit);
    }
}
