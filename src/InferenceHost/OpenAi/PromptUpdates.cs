using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Inference.Generation;

namespace Inference.InferenceHost.OpenAi;

/// <summary>The streams of several prompts as one, in the order in which their updates come.</summary>
internal static class PromptUpdates
{
    // Updates that may lie unread before the engine is held back.
    private const int Capacity = 16;

    /// <summary>Runs all requests at once. The first that fails cancels the others, and its exception ends the stream.</summary>
    public static async IAsyncEnumerable<PromptUpdate> Merge(
        LlmEngine engine, IReadOnlyList<GenerationRequest> requests, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Channel<PromptUpdate> merged = Channel.CreateBounded<PromptUpdate>(Capacity);
        Task all = Task.WhenAll(requests.Select((request, prompt) => PumpAsync(engine, request, prompt, merged.Writer, stop)));
        _ = all.ContinueWith(t => merged.Writer.TryComplete(FirstFault(t)), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        try
        {
            await foreach (PromptUpdate update in merged.Reader.ReadAllAsync(CancellationToken.None))
            {
                yield return update;
            }
        }
        finally
        {
            await stop.CancelAsync();
        }
    }

    private static async Task PumpAsync(
        LlmEngine engine, GenerationRequest request, int prompt, ChannelWriter<PromptUpdate> output, CancellationTokenSource stop)
    {
        try
        {
            await foreach (GenerationUpdate update in engine.GenerateAsync(request, stop.Token))
            {
                await output.WriteAsync(new PromptUpdate(prompt, update), stop.Token);
            }
        }
        catch
        {
            await stop.CancelAsync();
            throw;
        }
    }

    private static Exception? FirstFault(Task all) =>
        all.Exception?.InnerExceptions.FirstOrDefault(e => e is not OperationCanceledException) ?? (all.IsCanceled ? new OperationCanceledException() : null);
}
