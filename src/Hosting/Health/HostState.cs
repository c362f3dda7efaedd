namespace Inference.Hosting.Health;

/// <summary>The host's phase and its running requests. Thread-safe.</summary>
/// <param name="roles">What it does; it is ready when all of them are.</param>
public sealed class HostState(IEnumerable<HostRole> roles)
{
    private readonly HashSet<string> _starting = [.. roles.Select(r => r.Name)];
    private readonly Lock _lock = new();
    private readonly TaskCompletionSource _idle = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _running;

    /// <summary>Raised after each change of the phase, outside the lock.</summary>
    public event Action<HostPhase>? PhaseChanged;

    /// <summary>Where the host is in its life.</summary>
    public HostPhase Phase { get; private set; }

    /// <summary>Requests that do work, at this moment.</summary>
    public int Running
    {
        get
        {
            lock (_lock)
            {
                return _running;
            }
        }
    }

    /// <summary>The host is not ready before this part of it is, whatever its roles say. To be called before any of them is.</summary>
    public void Require(string part)
    {
        lock (_lock)
        {
            _starting.Add(part);
        }
    }

    /// <summary>A role is loaded, or a required part there; the host is ready with the last one. Without effect once it drains.</summary>
    public void SetReady(string part)
    {
        bool all;
        lock (_lock)
        {
            _starting.Remove(part);
            all = _starting.Count == 0;
        }

        if (all)
        {
            Advance(HostPhase.Ready);
        }
    }

    /// <summary>Stops admission.</summary>
    /// <returns>Completes when no request runs any more.</returns>
    public Task DrainAsync()
    {
        Advance(HostPhase.Draining);
        return _idle.Task;
    }

    /// <summary>Counts a request in, unless the host drains.</summary>
    internal bool TryEnter()
    {
        lock (_lock)
        {
            if (Phase == HostPhase.Draining)
            {
                return false;
            }

            _running++;
            return true;
        }
    }

    /// <summary>Counts a request out.</summary>
    internal void Leave()
    {
        lock (_lock)
        {
            _running--;
            CompleteWhenIdle();
        }
    }

    private void Advance(HostPhase phase)
    {
        lock (_lock)
        {
            if (phase <= Phase)
            {
                return;
            }

            Phase = phase;
            CompleteWhenIdle();
        }

        PhaseChanged?.Invoke(phase);
    }

    private void CompleteWhenIdle()
    {
        if (Phase == HostPhase.Draining && _running == 0)
        {
            _idle.TrySetResult();
        }
    }
}
