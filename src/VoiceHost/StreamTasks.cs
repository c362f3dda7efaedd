using System.Threading.Channels;

namespace Inference.VoiceHost;

/// <summary>The tasks of one stream.</summary>
internal static class StreamTasks
{
    /// <summary>Ends the events when all tasks are done, at once where one fails; never fails itself.</summary>
    public static async Task CompleteAsync<T>(List<Task> tasks, ChannelWriter<T> events, CancellationTokenSource stop)
    {
        Exception? fault = null;
        while (tasks.Count > 0)
        {
            Task ended = await Task.WhenAny(tasks);
            tasks.Remove(ended);
            if (!ended.IsCompletedSuccessfully)
            {
                fault ??= ended.Exception?.InnerException ?? new OperationCanceledException();
                await stop.CancelAsync();
            }
        }

        events.TryComplete(fault);
    }
}
