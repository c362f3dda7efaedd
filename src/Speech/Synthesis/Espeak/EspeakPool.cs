using System.Collections.Concurrent;

namespace Inference.Speech.Synthesis.Espeak;

/// <summary>Worker processes, lent to one sentence at a time. One that fails or takes too long is killed, and another is started when it is needed.</summary>
internal sealed class EspeakPool(EspeakOptions options, TimeProvider time) : IDisposable
{
    private readonly SemaphoreSlim _free = new(options.MaxProcesses);
    private readonly ConcurrentBag<EspeakProcess> _idle = [];
    private volatile bool _isDisposed;

    /// <summary>Uses a process, on a thread of its own. A cancelled caller leaves at once while it waits; work in progress ends within the timeout.</summary>
    public async Task<T> UseAsync<T>(Func<EspeakProcess, T> work, CancellationToken cancellation)
    {
        await _free.WaitAsync(cancellation);
        try
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            return await Task.Run(() => Use(work), CancellationToken.None);
        }
        finally
        {
            _free.Release();
        }
    }

    public void Dispose()
    {
        _isDisposed = true;
        while (_idle.TryTake(out EspeakProcess? process)) process.Dispose();
    }

    private T Use<T>(Func<EspeakProcess, T> work)
    {
        EspeakProcess process = _idle.TryTake(out EspeakProcess? idle) ? idle : new EspeakProcess();
        bool isSound = false;
        try
        {
            using ITimer timer = time.CreateTimer(_ => process.Kill(), null, options.SentenceTimeout, Timeout.InfiniteTimeSpan);
            T result = work(process);
            isSound = true;
            return result;
        }
        catch (Exception e) when (e is IOException or InvalidOperationException)
        {
            throw new InvalidOperationException($"espeak-ng failed, or took longer than {options.SentenceTimeout}: {e.Message}", e);
        }
        finally
        {
            if (isSound && !_isDisposed) _idle.Add(process);
            else process.Dispose();
        }
    }
}
