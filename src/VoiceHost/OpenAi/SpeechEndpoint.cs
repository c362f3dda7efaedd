using System.Buffers;
using System.Text.Json;
using Inference.Hosting.OpenAi;
using Inference.Speech.Audio;
using Inference.Speech.Synthesis;
using Microsoft.AspNetCore.Http;

namespace Inference.VoiceHost.OpenAi;

/// <summary>
/// POST /v1/audio/speech: audio as it is made, as bytes or as server-sent events. Formats: mp3 (default), wav, flac, opus, pcm (24 kHz, 16 bits); aac
/// is refused by name. The model is not looked at: the voice chooses the engine; OpenAI's own names of voices mean the default one.
/// </summary>
internal sealed class SpeechEndpoint(SynthesizerCatalog synthesizers)
{
    private const int LongestInput = 4_096;
    private const int PcmRate = 24_000;

    private static readonly HashSet<string> OwnVoices = new(StringComparer.OrdinalIgnoreCase)
    {
        "alloy", "ash", "ballad", "cedar", "coral", "echo", "fable", "marin", "nova", "onyx", "sage", "shimmer", "verse",
    };

    public async Task HandleAsync(HttpContext context)
    {
        if (!context.Request.HasJsonContentType())
        {
            throw new BadHttpRequestException("the content type must be application/json", StatusCodes.Status415UnsupportedMediaType);
        }

        SpeechBody body = await JsonSerializer.DeserializeAsync(context.Request.Body, SpeechJson.Default.SpeechBody, context.RequestAborted)
            ?? throw new JsonException("the body is null");
        await SpeakAsync(context, body);
    }

    private async Task SpeakAsync(HttpContext context, SpeechBody body)
    {
        SpeechRequest request = ToRequest(body);
        // OpenAI's default, where it can be written.
        (AudioEncoding encoding, int? rate, string contentType) = (body.ResponseFormat ?? (AudioWriter.WritesMp3 ? "mp3" : "wav")) switch
        {
            "wav" => (AudioEncoding.Wav, (int?)null, "audio/wav"),
            "mp3" => (AudioEncoding.Mp3, null, "audio/mpeg"),
            "flac" => (AudioEncoding.Flac, null, "audio/flac"),
            "pcm" => (AudioEncoding.Pcm16, PcmRate, "audio/pcm"),
            "opus" => (AudioEncoding.OggOpus, null, "audio/ogg"),
            _ => throw new SpeechRequestException("response_format", $"must be wav, mp3, flac, opus or pcm, not \"{body.ResponseFormat}\""),
        };
        ServerSentEvents? events = body.StreamFormat switch
        {
            null or "audio" => null,
            "sse" => new ServerSentEvents(context),
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
                await SendAsync(context, bytes, contentType, events);
            }

            writer ??= new AudioOutput(encoding, rate).CreateWriter(PcmRate);
            writer.Complete(bytes);
            await SendAsync(context, bytes, contentType, events);
            if (events != null)
            {
                await events.WriteAsync(new AudioDeltaBody("speech.audio.done", null), SpeechJson.Default.AudioDeltaBody);
            }
        }
        finally
        {
            writer?.Dispose();
        }
    }

    private SpeechRequest ToRequest(SpeechBody body) => new()
    {
        Text = body.Input is { Length: > 0 and <= LongestInput } input ? input
            : throw new SpeechRequestException("input", $"must have from 1 to {LongestInput} characters, not {body.Input?.Length ?? 0}"),
        Voice = string.IsNullOrEmpty(body.Voice) || (OwnVoices.Contains(body.Voice) && !synthesizers.Has(body.Voice)) ? null : body.Voice,
        Rate = body.Speed ?? 1,
        Emotion = string.IsNullOrEmpty(body.Instructions) ? null : body.Instructions,
    };

    private static async Task SendAsync(HttpContext context, ArrayBufferWriter<byte> bytes, string contentType, ServerSentEvents? events)
    {
        if (!context.Response.HasStarted)
        {
            context.Response.ContentType = contentType;
            await (events?.StartAsync() ?? context.Response.StartAsync(context.RequestAborted));
        }

        if (events != null && bytes.WrittenCount > 0)
        {
            await events.WriteAsync(new AudioDeltaBody("speech.audio.delta", Convert.ToBase64String(bytes.WrittenSpan)), SpeechJson.Default.AudioDeltaBody);
        }
        else if (events == null)
        {
            await context.Response.BodyWriter.WriteAsync(bytes.WrittenMemory, context.RequestAborted);
        }

        bytes.ResetWrittenCount();
    }
}
