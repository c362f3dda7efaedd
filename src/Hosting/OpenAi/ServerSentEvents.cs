using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;

namespace Inference.Hosting.OpenAi;

/// <summary>A response as a stream of server-sent events; each is flushed at once.</summary>
public sealed class ServerSentEvents(HttpContext context)
{
    /// <summary>Sends the headers.</summary>
    public Task StartAsync()
    {
        context.Response.ContentType = "text/event-stream";
        context.Response.Headers.CacheControl = "no-cache";
        context.Response.Headers["X-Accel-Buffering"] = "no";
        return context.Response.StartAsync(context.RequestAborted);
    }

    /// <summary>Sends one event.</summary>
    public Task WriteAsync<T>(T value, JsonTypeInfo<T> type) => WriteAsync(JsonSerializer.SerializeToUtf8Bytes(value, type));

    /// <summary>Sends an error as an event: what is left when the response has started.</summary>
    public Task WriteAsync(OpenAiError error) => WriteAsync(error.ToJson());

    /// <summary>Sends the event that ends OpenAI's streams.</summary>
    public async Task WriteDoneAsync()
    {
        Write("data: [DONE]\n\n"u8);
        await context.Response.BodyWriter.FlushAsync(context.RequestAborted);
    }

    private async Task WriteAsync(ReadOnlyMemory<byte> json)
    {
        Write("data: "u8);
        Write(json.Span);
        Write("\n\n"u8);
        await context.Response.BodyWriter.FlushAsync(context.RequestAborted);
    }

    private void Write(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(context.Response.BodyWriter.GetSpan(bytes.Length));
        context.Response.BodyWriter.Advance(bytes.Length);
    }
}
