namespace Inference.Jobs.Stores;

/// <summary>Who should look at a changed job, besides those who watch it.</summary>
internal enum HintKind
{
    /// <summary>Nobody.</summary>
    Event,

    /// <summary>Idle workers: a job may be claimable, or a slot free.</summary>
    Work,

    /// <summary>The worker that runs it.</summary>
    Request,
}
