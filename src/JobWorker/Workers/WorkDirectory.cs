using System.Globalization;
using Inference.Jobs;

namespace Inference.JobWorker.Workers;

/// <summary>Where one attempt keeps its files while it runs; removed at its end, and what an attempt that was killed left behind at the next.</summary>
internal sealed class WorkDirectory : IDisposable
{
    /// <summary>Makes an empty one for the attempt, in the place of its node's slot.</summary>
    public WorkDirectory(string root, Job job)
    {
        string slot = System.IO.Path.Combine(
            root, Uri.EscapeDataString(job.Node!), string.Create(CultureInfo.InvariantCulture, $"{job.SlotKind}-{job.Slot}"));
        if (Directory.Exists(slot))
        {
            Directory.Delete(slot, recursive: true);
        }

        Path = Directory.CreateDirectory(System.IO.Path.Combine(slot, string.Create(CultureInfo.InvariantCulture, $"{job.Id}-{job.Epoch}"))).FullName;
    }

    /// <summary>The directory.</summary>
    public string Path { get; }

    /// <summary>A path in it.</summary>
    public string File(string name) => System.IO.Path.Combine(Path, name);

    /// <inheritdoc/>
    public void Dispose()
    {
        try
        {
            Directory.Delete(Path, recursive: true);
        }
        catch (DirectoryNotFoundException)
        {
            // The next holder of the slot was quicker: this attempt had lost its lease.
        }
    }
}
