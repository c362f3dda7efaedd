using System.Text.Json.Serialization.Metadata;
using Inference.Hosting.OpenAi;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Inference.InferenceHost.OpenAi;

/// <summary>Writes an engine's updates as server-sent events.</summary>
internal static class StreamedAnswer
{
    /// <summary>
    /// The headers go out with the first update, so that a request that is refused still gets its HTTP status. What fails
    /// later is sent as an error event, and the stream ends without [DONE].
    /// </summary>
    public static async Task WriteAsync<TUpdate, TChunk>(
        HttpContext context, IAsyncEnumerable<TUpdate> updates, JsonTypeInfo<TChunk> type,
        Func<TUpdate, IEnumerable<TChunk>> chunks, Func<TChunk?> last, ILogger logger)
        where TChunk : class
    {
        ServerSentEvents events = new(context);
        try
        {
            await foreach (TUpdate update in updates)
            {
                if (!context.Response.HasStarted)
                {
                    await events.StartAsync();
                }

                foreach (TChunk chunk in chunks(update))
                {
                    await events.WriteAsync(chunk, type);
                }
            }

            if (last() is { } end)
            {
                await events.WriteAsync(end, type);
            }

            await events.WriteDoneAsync();
        }
        catch (Exception exception) when (context.Response.HasStarted && !context.RequestAborted.IsCancellationRequested)
        {
            await events.WriteAsync(new OpenAiErrorMap(OpenAiErrors.From, logger).Answer(context, exception));
        }
    }
}
