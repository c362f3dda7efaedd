namespace Inference.Jobs.TestWorker;

/// <summary>Commands of the test: a line lets a halted job go on, the end of the input stops the worker.</summary>
internal sealed class InputLines
{
    private readonly SemaphoreSlim _lines = new(0);

    public InputLines(CancellationTokenSource stop)
    {
        new Thread(() =>
        {
            while (Console.In.ReadLine() is not null)
                _lines.Release();
            stop.Cancel();
        })
        { IsBackground = true }.Start();
    }

    public Task HaltAsync(string point)
    {
        Console.WriteLine($"at {point}");
        return _lines.WaitAsync();
    }
}
