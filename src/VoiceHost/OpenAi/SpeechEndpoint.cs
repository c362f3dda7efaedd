using System.Buffers;
using System.Text.Json;
using Inference.Speech.Audio;
using Inference.Speech.Synthesis;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Inference.VoiceHost.OpenAi;

/// <summary>
/// POST /v1/audio/speech: audio as it is made, as bytes or as server-sent events. Formats: wav (default), pcm (24 kHz, 16 bits), opus; mp3, aac
/// and flac are refused by name. The model is not looked at: the voice chooses the engine.
/// </summary>
internal sealed class SpeechEndpoint(SynthesizerCatalog synthesizers, ILogger<SpeechEndpoint> logger)
{
    private const int LongestInput = 4_096;
    private const int PcmRate = 24_000;

    public async Task HandleAsync(HttpContext context)
    {
        try
        {
            if (!context.Request.HasJsonContentType())
            {
                throw new BadHttpRequestException("the content type must be application/json", StatusCodes.Status415UnsupportedMediaType);
            }

            SpeechBody body = await JsonSerializer.DeserializeAsync(context.Request.Body, SpeechJson.Default.SpeechBody, context.RequestAborted)
                ?? throw new JsonException("the body is null");
            await SpeakAsync(context, body);
        }
        catch (Exception) when (context.RequestAborted.IsCancellationRequested || context.Response.HasStarted)
        {
            context.Abort();
        }
        catch (SpeechRequestException exception)
        {
            await RefuseAsync(context, StatusCodes.Status400BadRequest, exception.Message, exception.Field switch { "rate" => "speed", "emotion" => "instructions", _ => exception.Field }, "invalid_value");
        }
        catch (JsonException exception)
        {
            await RefuseAsync(context, StatusCodes.Status400BadRequest, $"the body is not valid JSON: {exception.Message}", exception.Path, "invalid_json");
        }
        catch (BadHttpRequestException exception)
        {
            await RefuseAsync(context, exception.StatusCode, exception.Message, null, "bad_request");
        }
        catch (Exception exception)
        {
            VoiceLog.RequestFailed(logger, context.Request.Path, exception);
            await RefuseAsync(context, StatusCodes.Status500InternalServerError, "the server failed; its log has the cause", null, "internal_error");
        }
    }

    private static Task RefuseAsync(HttpContext context, int status, string message, string? param, string code)
    {
        context.Response.StatusCode = status;
        string type = status < StatusCodes.Status500InternalServerError ? "invalid_request_error" : "server_error";
        return context.Response.WriteAsJsonAsync(new AudioErrorBody(new AudioErrorBody.Content(message, type, param, code)), SpeechJson.Default.AudioErrorBody);
    }

    private async Task SpeakAsync(HttpContext context, SpeechBody body)
    {
        SpeechRequest request = ToRequest(body);
        (AudioEncoding encoding, int? rate, string contentType) = body.ResponseFormat switch
        {
            null or "wav" => (AudioEncoding.Wav, (int?)null, "audio/wav"),
            "pcm" => (AudioEncoding.Pcm16, PcmRate, "audio/pcm"),
            "opus" => (AudioEncoding.OggOpus, null, "audio/ogg"),
            _ => throw new SpeechRequestException("response_format", $"must be wav, pcm or opus, not \"{body.ResponseFormat}\""),
        };
        bool isEvents = body.StreamFormat switch
        {
            null or "audio" => false,
            "sse" => true,
            _ => throw new SpeechRequestException("stream_format", $"must be audio or sse, not \"{body.StreamFormat}\""),
        };
        CancellationToken cancellation = context.RequestAborted;
        ArrayBufferWriter<byte> bytes = new();
        AudioWriter? writer = null;
        try
        {
            await foreach (SpeechChunk chunk in synthesizers.Find(request).SynthesizeAsync(request, cancellation))
            {
                writer ??= new AudioOutput(encoding, rate).CreateWriter(chunk.SampleRate);
                writer.Write(chunk.Samples.Span, bytes);
                await SendAsync(context, bytes, contentType, isEvents);
            }

            writer ??= new AudioOutput(encoding, rate).CreateWriter(PcmRate);
            writer.Complete(bytes);
            await SendAsync(context, bytes, contentType, isEvents);
            if (isEvents)
            {
                await SendEventAsync(context, new AudioDeltaBody("speech.audio.done", null));
            }
        }
        finally
        {
            writer?.Dispose();
        }
    }

    private static SpeechRequest ToRequest(SpeechBody body) => new()
    {
        Text = body.Input is { Length: > 0 and <= LongestInput } input ? input
            : throw new SpeechRequestException("input", $"must have from 1 to {LongestInput} characters, not {body.Input?.Length ?? 0}"),
        Voice = string.IsNullOrEmpty(body.Voice) ? null : body.Voice,
        Rate = body.Speed ?? 1,
        Emotion = string.IsNullOrEmpty(body.Instructions) ? null : body.Instructions,
    };

    private static async Task SendAsync(HttpContext context, ArrayBufferWriter<byte> bytes, string contentType, bool isEvents)
    {
        if (!context.Response.HasStarted)
        {
            context.Response.ContentType = isEvents ? "text/event-stream" : contentType;
            await context.Response.StartAsync(context.RequestAborted);
        }

        if (isEvents && bytes.WrittenCount > 0)
        {
            await SendEventAsync(context, new AudioDeltaBody("speech.audio.delta", Convert.ToBase64String(bytes.WrittenSpan)));
        }
        else if (!isEvents)
        {
            await context.Response.BodyWriter.WriteAsync(bytes.WrittenMemory, context.RequestAborted);
        }

        bytes.ResetWrittenCount();
    }

    private static async Task SendEventAsync(HttpContext context, AudioDeltaBody body)
    {
        byte[] json = JsonSerializer.SerializeToUtf8Bytes(body, SpeechJson.Default.AudioDeltaBody);
        await context.Response.BodyWriter.WriteAsync((byte[])[.. "data: "u8, .. json, .. "\n\n"u8], context.RequestAborted);
    }
}
