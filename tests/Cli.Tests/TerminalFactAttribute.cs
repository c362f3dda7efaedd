namespace Inference.Cli.Tests;

/// <summary>Needs util-linux's `script`, which gives a command a terminal.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class TerminalFactAttribute : FactAttribute
{
    public TerminalFactAttribute()
    {
        if (!File.Exists(TerminalProcess.Script))
        {
            Skip = $"{TerminalProcess.Script} is not installed";
        }
    }
}
