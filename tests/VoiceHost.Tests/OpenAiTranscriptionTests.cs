using System.Net;
using System.Text.Json;
using Inference.Speech.Audio;

namespace Inference.VoiceHost.Tests;

/// <summary>/v1/audio/transcriptions and /translations over HTTP.</summary>
public class OpenAiTranscriptionTests(ListeningFixture voice) : IClassFixture<ListeningFixture>
{
    private static readonly byte[] Wav = [.. WavHeader.Create(new AudioFormat(16_000, 1), 24_000), .. new byte[48_000]];

    [Theory]
    [InlineData("json", """{"text":"24000"}""")]
    [InlineData("text", "24000\n")]
    [InlineData("srt", "1\n00:00:00,000 --> 00:00:01,500\n24000\n\n")]
    [InlineData("vtt", "WEBVTT\n\n00:00:00.000 --> 00:00:01.500\n24000\n\n")]
    public async Task Every_format_holds_the_text(string format, string expected)
    {
        (HttpStatusCode status, string body) = await PostAsync("transcriptions", Wav, ("response_format", format), ("model", "whisper-1"));

        Assert.Equal((HttpStatusCode.OK, expected), (status, body));
    }

    [Fact]
    public async Task Verbose_json_has_segments_and_words()
    {
        (_, string body) = await PostAsync(
            "translations", Wav, ("response_format", "verbose_json"), ("timestamp_granularities[]", "word"), ("language", "de-DE"));
        JsonElement root = JsonDocument.Parse(body).RootElement;

        Assert.Equal("translate", root.GetProperty("task").GetString());
        Assert.Equal("de", root.GetProperty("language").GetString());
        Assert.Equal(1.5, root.GetProperty("duration").GetDouble());
        Assert.Equal("24000", root.GetProperty("segments")[0].GetProperty("text").GetString());
        Assert.Equal(1.5, root.GetProperty("words")[0].GetProperty("end").GetDouble());
    }

    [Fact]
    public async Task A_stream_ends_with_the_whole_text()
    {
        (_, string body) = await PostAsync("transcriptions", Wav, ("stream", "true"));

        Assert.Equal(
            "data: {\"type\":\"transcript.text.delta\",\"delta\":\"24000\"}\n\ndata: {\"type\":\"transcript.text.done\",\"text\":\"24000\"}\n\n", body);
    }

    [Theory]
    [InlineData("response_format", "pdf")]
    [InlineData("temperature", "7")]
    [InlineData("model", "absent")]
    public async Task Fields_out_of_range_are_named(string field, string value)
    {
        (HttpStatusCode status, string body) = await PostAsync("transcriptions", Wav, (field, value));

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Equal(field, JsonDocument.Parse(body).RootElement.GetProperty("error").GetProperty("param").GetString());
    }

    [Fact]
    public async Task A_file_that_is_cut_off_is_refused()
    {
        (HttpStatusCode status, string body) = await PostAsync("transcriptions", Wav[..20]);

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Equal("invalid_audio", JsonDocument.Parse(body).RootElement.GetProperty("error").GetProperty("code").GetString());
    }

    private async Task<(HttpStatusCode Status, string Body)> PostAsync(string path, byte[] file, params (string Name, string Value)[] fields)
    {
        using MultipartFormDataContent form = new() { { new ByteArrayContent(file), "file", "speech.wav" } };
        foreach ((string name, string value) in fields)
        {
            form.Add(new StringContent(value), name);
        }

        using HttpResponseMessage response = await voice.Http.PostAsync($"/v1/audio/{path}", form);
        return (response.StatusCode, await response.Content.ReadAsStringAsync());
    }
}
