using System.Globalization;
using Inference.Hosting.OpenAi;
using Inference.Speech.Audio;
using Inference.Speech.Recognition;
using Inference.Speech.Synthesis;
using Inference.VoiceHost.Recognition;
using Microsoft.AspNetCore.Http;

namespace Inference.VoiceHost.OpenAi;

/// <summary>
/// POST /v1/audio/transcriptions and /v1/audio/translations: a form with a file of WAV, FLAC or Ogg Opus. The answer is json,
/// verbose_json, text, srt or vtt; with stream, server-sent events, one a segment, once the file has been transcribed.
/// </summary>
internal sealed class TranscriptionEndpoint(RecognizerCatalog recognizers)
{
    private const int RawRate = 16_000;

    public Task TranscribeAsync(HttpContext context) => AnswerAsync(context, false);

    public Task TranslateAsync(HttpContext context) => AnswerAsync(context, true);

    private async Task AnswerAsync(HttpContext context, bool translate)
    {
        if (!context.Request.HasFormContentType)
        {
            throw new BadHttpRequestException("the content type must be multipart/form-data", StatusCodes.Status415UnsupportedMediaType);
        }

        CancellationToken cancellation = context.RequestAborted;
        IFormCollection form = await context.Request.ReadFormAsync(cancellation);
        IFormFile file = form.Files.GetFile("file") ?? throw new SpeechRequestException("file", "is missing");
        string format = form["response_format"].FirstOrDefault() ?? "json";
        if (format is not ("json" or "verbose_json" or "text" or "srt" or "vtt"))
        {
            throw new SpeechRequestException("response_format", $"must be json, verbose_json, text, srt or vtt, not \"{format}\"");
        }

        using MemoryStream bytes = new();
        await file.CopyToAsync(bytes, cancellation);
        using IAudioDecoder decoder = AudioDecoders.Create(AudioEncoding.Auto, new AudioFormat(RawRate, 1));
        float[] samples = recognizers.Read(bytes.GetBuffer().AsSpan(0, (int)bytes.Length), decoder);
        TranscriptionOptions options = ToOptions(form, translate);
        Transcript transcript = await recognizers.Find(Model(form)).TranscribeAsync(samples, options, cancellation);
        if (form["stream"].FirstOrDefault() == "true")
        {
            await StreamAsync(context, transcript);
            return;
        }

        await (format switch
        {
            "json" => context.Response.WriteAsJsonAsync(new TranscriptionBody(transcript.Text), TranscriptionJson.Default.TranscriptionBody, cancellationToken: cancellation),
            "verbose_json" => context.Response.WriteAsJsonAsync(
                Verbose(transcript, options), TranscriptionJson.Default.TranscriptionBody, cancellationToken: cancellation),
            "srt" => WriteTextAsync(context, Subtitles.Srt(transcript)),
            "vtt" => WriteTextAsync(context, Subtitles.Vtt(transcript)),
            _ => WriteTextAsync(context, transcript.Text + "\n"),
        });
    }

    /// <summary>OpenAI's own names mean the default model here.</summary>
    private static string? Model(IFormCollection form)
    {
        string model = form["model"].FirstOrDefault() ?? "";
        return model.StartsWith("whisper-1", StringComparison.Ordinal) || model.StartsWith("gpt-4o", StringComparison.Ordinal) ? null : model;
    }

    private static TranscriptionOptions ToOptions(IFormCollection form, bool translate)
    {
        TranscriptionOptions options = new()
        {
            Language = RecognizerCatalog.Language(form["language"].FirstOrDefault() ?? ""),
            Translate = translate,
            Prompt = form["prompt"].FirstOrDefault() ?? "",
            WordTimes = form["timestamp_granularities[]"].Contains("word"),
        };
        return form["temperature"].FirstOrDefault() is not { Length: > 0 } text ? options
            : float.TryParse(text, CultureInfo.InvariantCulture, out float temperature) && temperature is >= 0 and <= 1
                ? temperature == 0 ? options : options with { Temperatures = [temperature] }
                : throw new SpeechRequestException("temperature", $"must be from 0 to 1, not {text}");
    }

    private static TranscriptionBody Verbose(Transcript transcript, TranscriptionOptions options) => new(
        transcript.Text, options.Translate ? "translate" : "transcribe", transcript.Language, transcript.Duration.TotalSeconds,
        [.. transcript.Segments.Select((s, i) => new TranscriptionBody.Segment(
            i, (int)(s.Start.TotalSeconds * 100), s.Start.TotalSeconds, s.End.TotalSeconds, s.Text, s.Tokens, s.Temperature,
            s.MeanLogProbability, s.CompressionRatio, s.NoSpeechProbability))],
        options.WordTimes
            ? [.. transcript.Segments.SelectMany(s => s.Words).Select(w => new TranscriptionBody.Word(w.Text, w.Start.TotalSeconds, w.End.TotalSeconds))]
            : null);

    private static Task WriteTextAsync(HttpContext context, string text)
    {
        context.Response.ContentType = "text/plain; charset=utf-8";
        return context.Response.WriteAsync(text, context.RequestAborted);
    }

    private static async Task StreamAsync(HttpContext context, Transcript transcript)
    {
        ServerSentEvents events = new(context);
        await events.StartAsync();
        foreach (TranscriptSegment segment in transcript.Segments)
        {
            await events.WriteAsync(new TranscriptionEventBody("transcript.text.delta", Delta: segment.Text), TranscriptionJson.Default.TranscriptionEventBody);
        }

        await events.WriteAsync(new TranscriptionEventBody("transcript.text.done", Text: transcript.Text), TranscriptionJson.Default.TranscriptionEventBody);
    }
}
