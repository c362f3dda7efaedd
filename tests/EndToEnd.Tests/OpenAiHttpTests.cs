using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Inference.Contracts.V1;
using Inference.TestSupport;

namespace Inference.EndToEnd.Tests;

/// <summary>The OpenAI-compatible API on the wire.</summary>
[Collection(StoriesCollection.Name)]
public class OpenAiHttpTests(StoriesFixture stories)
{
    private const string Completions = "/v1/completions";
    private const string Chats = "/v1/chat/completions";

    [SharedDataFact(StoriesModel.Data)]
    public async Task A_completion_is_what_grpc_gives_for_the_same_prompt()
    {
        GenerateRequest request = new() { Text = "Once upon a time", Sampling = new SamplingParameters { Temperature = 0, MaxTokens = 16 } };
        string expected = (await stories.Server.GenerateAsync(request)).Text();

        JsonNode body = await PostAsync(Completions, """{"model":"stories","prompt":"Once upon a time","temperature":0}""");

        Assert.Equal("text_completion", (string?)body["object"]);
        Assert.Equal(expected, (string?)body["choices"]![0]!["text"]);
        Assert.Equal("length", (string?)body["choices"]![0]!["finish_reason"]);
        Assert.Equal(16, (int?)body["usage"]!["completion_tokens"]);
    }

    [SharedDataFact(StoriesModel.Data)]
    public async Task Several_prompts_and_answers_are_numbered_in_order()
    {
        JsonNode texts = await PostAsync(Completions, """{"prompt":["Once upon","Lily saw"],"temperature":0,"max_tokens":4,"n":2,"echo":true}""");
        JsonNode tokens = await PostAsync(Completions, """{"prompt":[[1,403],[1,407,261]],"temperature":0,"max_tokens":4}""");

        Assert.Equal([0, 1, 2, 3], texts["choices"]!.AsArray().Select(c => (int)c!["index"]!));
        Assert.Equal(["Once", "Once", "Lily", "Lily"], texts["choices"]!.AsArray().Select(c => ((string)c!["text"]!).Trim()[..4]));
        Assert.Equal(2, tokens["choices"]!.AsArray().Count);
        Assert.Equal(5, (int?)tokens["usage"]!["prompt_tokens"]);
    }

    [SharedDataFact(StoriesModel.Data)]
    public async Task Echo_with_logprobs_scores_the_prompt_and_its_first_token_has_none()
    {
        JsonNode body = await PostAsync(Completions, """{"prompt":[1,403,407],"temperature":0,"max_tokens":2,"echo":true,"logprobs":3}""");

        JsonNode logprobs = body["choices"]![0]!["logprobs"]!;
        Assert.Equal(5, logprobs["tokens"]!.AsArray().Count);
        Assert.Null(logprobs["token_logprobs"]![0]);
        Assert.All(logprobs["token_logprobs"]!.AsArray().Skip(1), l => Assert.True((float)l! <= 0));
        Assert.True(logprobs["top_logprobs"]![4]!.AsObject().Count >= 3);
        Assert.Equal(0, (int)logprobs["text_offset"]![0]!);
    }

    [SharedDataFact(StoriesModel.Data)]
    public async Task A_chat_streams_role_text_finish_usage_and_done()
    {
        JsonNode whole = await PostAsync(Chats, """{"messages":[{"role":"user","content":"Once upon a time"}],"temperature":0,"max_completion_tokens":12,"logprobs":true,"top_logprobs":2}""");
        List<string> events = await StreamAsync(Chats,
            """{"messages":[{"role":"developer","content":[{"type":"text","text":"Once upon a time"}]}],"temperature":0,"max_tokens":12,"stream":true,"stream_options":{"include_usage":true}}""");

        JsonNode[] chunks = [.. events.SkipLast(1).Select(e => JsonNode.Parse(e)!)];
        Assert.Equal("[DONE]", events[^1]);
        Assert.Equal("assistant", (string?)chunks[0]["choices"]![0]!["delta"]!["role"]);
        Assert.Equal(
            (string?)whole["choices"]![0]!["message"]!["content"],
            string.Concat(chunks.SelectMany(c => c["choices"]!.AsArray()).Select(c => (string?)c!["delta"]!["content"])));
        Assert.Equal("length", (string?)chunks[^2]["choices"]![0]!["finish_reason"]);
        Assert.Equal(12, (int?)chunks[^1]["usage"]!["completion_tokens"]);
        JsonNode first = whole["choices"]![0]!["logprobs"]!["content"]![0]!;
        Assert.Equal(2, first["top_logprobs"]!.AsArray().Count);
        Assert.Equal((float)first["top_logprobs"]![0]!["logprob"]!, (float)first["logprob"]!);
    }

    [SharedDataFact(StoriesModel.Data)]
    public async Task A_stop_text_ends_the_answer_and_is_left_out()
    {
        JsonNode body = await PostAsync(Completions, """{"prompt":[1],"temperature":0,"max_tokens":100,"stop":"a little girl"}""");

        Assert.Equal("Once upon a time, there was ", (string?)body["choices"]![0]!["text"]);
        Assert.Equal("stop", (string?)body["choices"]![0]!["finish_reason"]);
    }

    [SharedDataTheory(StoriesModel.Data)]
    [InlineData(Completions, """{"prompt":"x","temperature":-1}""", "temperature", "from 0 to 2, not -1")]
    [InlineData(Completions, """{"prompt":"x","temperature":"hot"}""", "temperature", "")]
    [InlineData(Completions, """{"prompt":{"a":1}}""", "prompt", "must be a string, a list")]
    [InlineData(Completions, """{"prompt":["a",1]}""", "prompt", "must be a string, a list")]
    [InlineData(Completions, """{"prompt":[]}""", "prompt", "from 1 to 32 prompts, not 0")]
    [InlineData(Completions, """{"prompt":""}""", "prompt", "empty")]
    [InlineData(Completions, """{"prompt":[1,512]}""", "prompt", "from 0 to 511, not 512")]
    [InlineData(Completions, """{}""", "prompt", "required")]
    [InlineData(Completions, """{"prompt":"x","suffix":"y"}""", "suffix", "not supported")]
    [InlineData(Completions, """{"prompt":"x","best_of":3}""", "best_of", "must equal n")]
    [InlineData(Completions, """{"prompt":"x","logit_bias":{"one":1}}""", "logit_bias", "token ids")]
    [InlineData(Completions, """{"prompt":"x","top_p":2}""", "top_p", "at most 1, not 2")]
    [InlineData(Completions, """{"prompt":"x","response_format":{"type":"json_object"}}""", "response_format", "text")]
    [InlineData(Completions, """{"prompt":"x",""", null, "not valid JSON")]
    [InlineData(Completions, "null", null, "null")]
    [InlineData(Chats, """{"messages":[]}""", "messages", "from 1 to 1000 messages, not 0")]
    [InlineData(Chats, """{"messages":[{"content":"x"}]}""", "messages[0]", "role")]
    [InlineData(Chats, """{"messages":[{"role":"user","content":[{"type":"image_url"}]}]}""", "messages[0].content", "\"text\"")]
    [InlineData(Chats, """{"messages":[{"role":"user","content":"x"}],"tools":[{"type":"function"}]}""", "tools", "not supported")]
    [InlineData(Chats, """{"messages":[{"role":"user","content":"x"}],"top_logprobs":2}""", "top_logprobs", "logprobs")]
    [InlineData(Chats, """{"messages":[{"role":"user","content":"x"}],"chat_template":"{% for i in range(100000) %}{% for j in range(100000) %}{% endfor %}{% endfor %}"}""", "chat_template", "chat template")]
    public async Task A_bad_body_is_400_and_names_the_field(string path, string body, string? param, string reason)
    {
        using HttpResponseMessage response = await SendAsync(path, body);
        JsonNode error = JsonNode.Parse(await response.Content.ReadAsStringAsync())!["error"]!;

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal("invalid_request_error", (string?)error["type"]);
        Assert.Equal(param, (string?)error["param"]);
        Assert.Contains(reason, (string?)error["message"]);
    }

    [SharedDataFact(StoriesModel.Data)]
    public async Task Ten_megabytes_and_invalid_utf8_are_400_and_forty_megabytes_413()
    {
        using HttpResponseMessage ten = await SendAsync(Completions, $$"""{"prompt":"{{new string('a', 10 << 20)}}"}""");
        using HttpResponseMessage forty = await SendAsync(Completions, $$"""{"prompt":"{{new string('a', 40 << 20)}}"}""");
        using ByteArrayContent invalid = new([.. "{\"prompt\":\""u8, 0xC3, 0x28, .. "\"}"u8]);
        invalid.Headers.ContentType = new("application/json");
        using HttpResponseMessage utf8 = await stories.Server.Http.PostAsync(Completions, invalid);

        Assert.Equal(HttpStatusCode.BadRequest, ten.StatusCode);
        Assert.Contains("at most 1048576 bytes of UTF-8, not 10485760", await ten.Content.ReadAsStringAsync());
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, forty.StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, utf8.StatusCode);
    }

    [SharedDataFact(StoriesModel.Data)]
    public async Task Unknown_models_paths_and_media_types_are_refused_in_openais_shape()
    {
        using HttpResponseMessage model = await SendAsync(Chats, """{"model":"gpt-5","messages":[{"role":"user","content":"x"}]}""");
        using HttpResponseMessage path = await SendAsync("/v1/embeddings", "{}");
        using HttpResponseMessage method = await stories.Server.Http.GetAsync(Chats);
        using HttpResponseMessage media = await stories.Server.Http.PostAsync(Completions, new StringContent("""{"prompt":"x"}""", Encoding.UTF8, "text/plain"));

        Assert.Equal((HttpStatusCode.NotFound, "model_not_found"), (model.StatusCode, await CodeAsync(model)));
        Assert.Equal((HttpStatusCode.NotFound, "unknown_url"), (path.StatusCode, await CodeAsync(path)));
        Assert.Equal((HttpStatusCode.NotFound, "unknown_url"), (method.StatusCode, await CodeAsync(method)));
        Assert.Equal((HttpStatusCode.UnsupportedMediaType, "bad_request"), (media.StatusCode, await CodeAsync(media)));
    }

    [SharedDataFact(StoriesModel.Data)]
    public async Task Models_are_listed_and_found()
    {
        JsonNode list = JsonNode.Parse(await stories.Server.Http.GetStringAsync("/v1/models"))!;
        JsonNode model = JsonNode.Parse(await stories.Server.Http.GetStringAsync("/v1/models/stories"))!;
        using HttpResponseMessage missing = await stories.Server.Http.GetAsync("/v1/models/org/other");

        Assert.Equal("stories", (string?)list["data"]![0]!["id"]);
        Assert.True((long)model["created"]! > 0);
        Assert.Equal("model_not_found", await CodeAsync(missing));
    }

    [SharedDataFact(StoriesModel.Data)]
    public Task A_client_that_leaves_a_stream_frees_its_blocks() => stories.Server.AbortsAsync(async () =>
    {
        using HttpResponseMessage response = await SendAsync(Completions, """{"prompt":"Once","ignore_eos":true,"max_tokens":500,"n":16,"stream":true}""");
        await using Stream stream = await response.Content.ReadAsStreamAsync();
        Assert.NotEqual(0, await stream.ReadAsync(new byte[64]));
    });

    private static async Task<string?> CodeAsync(HttpResponseMessage response)
    {
        JsonDocument body = (await response.Content.ReadFromJsonAsync<JsonDocument>())!;
        return body.RootElement.GetProperty("error").GetProperty("code").GetString();
    }

    private async Task<JsonNode> PostAsync(string path, string body)
    {
        using HttpResponseMessage response = await SendAsync(path, body);
        string text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, text);
        return JsonNode.Parse(text)!;
    }

    private async Task<List<string>> StreamAsync(string path, string body)
    {
        using HttpResponseMessage response = await SendAsync(path, body);
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.MediaType);
        string text = await response.Content.ReadAsStringAsync();
        return [.. text.Split("\n\n", StringSplitOptions.RemoveEmptyEntries).Select(e => e["data: ".Length..])];
    }

    private async Task<HttpResponseMessage> SendAsync(string path, string body)
    {
        using HttpRequestMessage request = new(HttpMethod.Post, path) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        request.Headers.ExpectContinue = true;
        return await stories.Server.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }
}
