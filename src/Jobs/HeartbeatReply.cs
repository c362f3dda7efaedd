namespace Inference.Jobs;

/// <summary>What a heartbeat learns.</summary>
/// <param name="Held">The lease was extended. If not, it is lost for good.</param>
/// <param name="CancelRequested">Somebody asked to cancel the job.</param>
/// <param name="PauseRequested">Somebody asked to pause the job.</param>
public readonly record struct HeartbeatReply(bool Held, bool CancelRequested, bool PauseRequested);
