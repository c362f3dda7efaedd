using Microsoft.Extensions.Logging;

namespace Inference.Jobs.TestWorker;

/// <summary>A line of standard output for each message.</summary>
internal sealed class LineLogger : ILogger<JobRunner>
{
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        Console.WriteLine($"{eventId.Name}: {formatter(state, exception)} {exception?.Message}");
}
