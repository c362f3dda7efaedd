namespace Inference.Jobs.Tests;

/// <summary>Claims and submissions with the fields that a test does not care for.</summary>
internal static class Requests
{
    public static readonly JobSubmission Steps = new() { Kind = "steps", Payload = """{"steps": 6}""" };

    public static ClaimRequest Claim(string worker = "w", int slot = 0, TimeSpan? lease = null) => new()
    {
        Worker = worker,
        Node = worker,
        Slot = slot,
        Kinds = ["steps", "short"],
        Lease = lease ?? TimeSpan.FromMinutes(1),
    };

    /// <summary>Submits a job and claims it in a slot of its own.</summary>
    public static async Task<Job> RunningAsync(this IJobStore store, TimeSpan? lease = null, JobSubmission? submission = null)
    {
        Job submitted = await store.SubmitAsync(submission ?? Steps);
        Job claimed = (await store.ClaimAsync(Claim($"w{submitted.Id}", lease: lease)))!;
        Assert.Equal(submitted.Id, claimed.Id);
        return claimed;
    }

    /// <summary>Claims as soon as there is something to claim.</summary>
    public static async Task<Job> ClaimSoonAsync(this IJobStore store, ClaimRequest request)
    {
        using CancellationTokenSource limit = new(TimeSpan.FromSeconds(30));
        while (true)
        {
            Task hint = store.NextWorkHint();
            if (await store.ClaimAsync(request, limit.Token) is { } job)
                return job;
            await Task.WhenAny(hint, Task.Delay(20, limit.Token));
        }
    }
}
