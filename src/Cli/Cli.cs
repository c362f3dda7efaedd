using Inference.ClientLib;
using Inference.Models.Weights;

namespace Inference.Cli;

/// <summary>What every client command shares: exit codes and words for failures.</summary>
internal static class Cli
{
    /// <summary>Exit code where the command line makes no sense.</summary>
    public const int WrongUsage = 2;

    /// <summary>Runs a command's action.</summary>
    /// <returns>Exit code: 0, 1 where the server refused or cannot be reached, 2 where an argument or a file is wrong, 130 where the user stopped it.</returns>
    public static Task<int> RunAsync(Func<Task> action) => RunAsync(async () =>
    {
        await action();
        return 0;
    });

    /// <summary>Runs a command's action that has an exit code of its own.</summary>
    public static async Task<int> RunAsync(Func<Task<int>> action)
    {
        try
        {
            return await action();
        }
        catch (InferenceException exception)
        {
            await Console.Error.WriteLineAsync(Describe(exception));
            return 1;
        }
        catch (Exception exception) when (exception is ArgumentException or ModelFormatException or IOException or UnauthorizedAccessException)
        {
            await Console.Error.WriteLineAsync(exception.Message);
            return WrongUsage;
        }
        catch (OperationCanceledException)
        {
            return 130;
        }
    }

    /// <summary>The failure in words: each wrong field on a line, and what to do about it where that is known.</summary>
    public static string Describe(InferenceException exception)
    {
        string text = exception.FieldViolations.Count > 0
            ? string.Join(Environment.NewLine, exception.FieldViolations.Select(v => $"{v.Field}: {v.Description}"))
            : exception.Message;
        string hint = exception switch
        {
            ServerUnavailableException => " (is it running? start it with: ./inference serve)",
            ServerBusyException { RetryDelay: { } delay } => $" (try again in {delay.TotalSeconds:0.0} s)",
            AccessDeniedException => " (set INFERENCE_API_KEY)",
            _ => "",
        };
        return $"error: {text}{hint}";
    }
}
