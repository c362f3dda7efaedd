namespace Inference.Generation;

/// <summary>Where a sequence is in its life.</summary>
internal enum SequenceState
{
    /// <summary>Not with the scheduler.</summary>
    New,

    /// <summary>Waits for blocks and a slot.</summary>
    Waiting,

    /// <summary>Has blocks and gets tokens computed.</summary>
    Running,

    /// <summary>Its reader lags: holds no blocks and is not scheduled.</summary>
    Paused,

    /// <summary>Has left.</summary>
    Finished,
}
