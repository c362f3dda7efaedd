using System.Buffers;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Inference.Speech.Audio;

namespace Inference.VoiceHost.Tests;

/// <summary>POST /v1/audio/speech.</summary>
public class OpenAiSpeechTests(VoiceFixture voice) : IClassFixture<VoiceFixture>
{
    [Theory]
    [InlineData("wav", "audio/wav", AudioEncoding.Wav)]
    [InlineData("pcm", "audio/pcm", AudioEncoding.Pcm16)]
    [InlineData("opus", "audio/ogg", AudioEncoding.OggOpus)]
    [InlineData("flac", "audio/flac", AudioEncoding.Flac)]
    public async Task Speech_comes_in_the_format_that_is_asked_for(string format, string contentType, AudioEncoding encoding)
    {
        using HttpResponseMessage response = await PostAsync(new { model = "tts-1", input = "Hello there.", voice = "en-us", response_format = format });
        using MonoReader reader = new(AudioDecoders.Create(encoding, new AudioFormat(24_000, 1)), 16_000);
        ArrayBufferWriter<float> output = new();
        reader.Push(await response.Content.ReadAsByteArrayAsync(), output);
        reader.Complete(output);

        Assert.Equal((HttpStatusCode.OK, contentType), (response.StatusCode, response.Content.Headers.ContentType!.MediaType));
        Assert.InRange(output.WrittenCount, 8_000, 32_000);
        Assert.InRange(output.WrittenSpan.ToArray().Max(), 0.05f, 1);
    }

    [Theory]
    [InlineData("mp3", "en-us")]
    [InlineData(null, "alloy")]
    public async Task Mp3_comes_as_frames_of_mpeg_and_is_as_openais_voices_what_its_clients_ask_for(string? format, string openAiVoice)
    {
        using HttpResponseMessage response = await PostAsync(new { model = "tts-1", input = "Hello there.", voice = openAiVoice, response_format = format });
        byte[] bytes = await response.Content.ReadAsByteArrayAsync();

        // 22,050 Hz is MPEG-2: a frame of 64 kbit/s has 26.1 ms in 208 or 209 bytes.
        Assert.Equal("audio/mpeg", response.Content.Headers.ContentType!.MediaType);
        Assert.Equal((0xFF, 0xF3), (bytes[0], bytes[1] | 1));
        Assert.InRange(bytes.Length, 208 * 20, 208 * 80);
    }

    [Fact]
    public async Task Speech_comes_as_events_that_end_with_done()
    {
        using HttpResponseMessage response = await PostAsync(new { model = "x", input = "One. Two. Three.", response_format = "pcm", stream_format = "sse" });
        JsonNode[] events = [.. (await response.Content.ReadAsStringAsync()).Split("\n\n", StringSplitOptions.RemoveEmptyEntries).Select(e => JsonNode.Parse(e["data: ".Length..])!)];

        Assert.Equal("text/event-stream", response.Content.Headers.ContentType!.MediaType);
        Assert.All(events.SkipLast(1), e => Assert.NotEmpty(Convert.FromBase64String((string)e["audio"]!)));
        Assert.Equal("speech.audio.done", (string?)events[^1]["type"]);
        Assert.InRange(events.Length, 3, 100);
    }

    [Theory]
    [InlineData("""{"input":""}""", "input")]
    [InlineData("""{"input":"x","response_format":"aac"}""", "response_format")]
    [InlineData("""{"input":"x","speed":5}""", "speed")]
    [InlineData("""{"input":"x","voice":"nobody"}""", "voice")]
    [InlineData("""{"input":"x","stream_format":"y"}""", "stream_format")]
    [InlineData("""{"input":1}""", "input")]
    [InlineData("""{""", null)]
    public async Task What_cannot_be_spoken_is_refused_in_openais_shape(string body, string? param)
    {
        using HttpResponseMessage response = await voice.Http.PostAsync("/v1/audio/speech", new StringContent(body, System.Text.Encoding.UTF8, "application/json"));
        JsonNode error = (await response.Content.ReadFromJsonAsync<JsonNode>())!["error"]!;

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal(param, (string?)error["param"]);
        Assert.NotEmpty((string)error["message"]!);
    }

    private Task<HttpResponseMessage> PostAsync(object body) => voice.Http.PostAsJsonAsync("/v1/audio/speech", body);
}
