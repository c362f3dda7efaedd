namespace Inference.Hosting.Health;

/// <summary>Where a host is in its life.</summary>
public enum HostPhase
{
    /// <summary>Loads; takes no work yet.</summary>
    Starting,

    /// <summary>Takes work.</summary>
    Ready,

    /// <summary>Finishes what runs and takes nothing new.</summary>
    Draining,
}
