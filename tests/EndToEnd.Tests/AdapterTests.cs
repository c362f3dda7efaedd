using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Inference.ClientLib;
using Inference.Contracts.V1;
using Inference.Models;
using Inference.Models.Lora;
using Inference.Models.Weights;
using Inference.Rpc;
using Inference.Tensors;
using Inference.TestSupport;
using InvalidRequestException = Inference.ClientLib.InvalidRequestException;

namespace Inference.EndToEnd.Tests;

/// <summary>Adapters over gRPC and the OpenAI-compatible API, against the host.</summary>
[Collection(StoriesCollection.Name)]
public sealed class AdapterTests(StoriesFixture stories) : IDisposable
{
    private static readonly LoraConfig Everywhere = new() { Rank = 4, Alpha = 32, TargetModules = TargetModules.AllLinear };

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [SharedDataFact(StoriesModel.Data)]
    public async Task A_request_names_an_adapter_in_the_model_or_in_a_field_and_an_alias_moves_it_and_back()
    {
        await using RunningServer server = await StartAsync();
        using InferenceClient client = new(server.Channel.Address);
        string plain = await TextAsync(server, "", ""), first = await TextAsync(server, "stories:physics@1", ""), second = await TextAsync(server, "", "physics@2");

        Adapter alias = await client.Adapters.SetAliasAsync("ada", "physics@1");
        Assert.Equal(("ada", "physics@1", "stories"), (alias.Name, alias.Version, alias.Model));
        Assert.Equal(first, await TextAsync(server, "stories:ada", ""));
        await client.Adapters.SetAliasAsync("ada", "physics@2");
        Assert.Equal(second, await TextAsync(server, "stories:ada", ""));
        Assert.Equal(second, await TextAsync(server, "ada", "ada"));
        await client.Adapters.RollBackAsync("ada");
        Assert.Equal(first, await TextAsync(server, "", "ada"));
        InvalidRequestException end = await Assert.ThrowsAsync<InvalidRequestException>(() => client.Adapters.RollBackAsync("ada"));
        IReadOnlyList<Adapter> listed = await client.Adapters.ListAsync();

        Assert.Contains("no version before", end.Message, StringComparison.Ordinal);
        Assert.Equal(3, new[] { plain, first, second }.Distinct().Count());
        Assert.Equal(plain, await TextAsync(server, "", ""));
        Assert.Equal(["ada", "physics"], listed.Select(a => a.Name));
        Assert.Equal(["1", "2"], listed[1].Versions);
        Assert.Equal("1", listed[1].Version);
        Assert.Equal((4, 64), (listed[0].Loaded.Rank, listed[0].Loaded.ContentHash.Length));
    }

    [SharedDataFact(StoriesModel.Data)]
    public async Task The_OpenAI_API_lists_adapters_answers_with_them_and_loads_as_vLLM_does()
    {
        await using RunningServer server = await StartAsync();
        RandomAdapter.Write(Path.Combine(_directory.Path, "elsewhere"), Config(), Everywhere, 9);
        string expected = await TextAsync(server, "", "physics");

        JsonNode answer = await PostAsync(server, "/v1/completions", """{"model":"stories:physics","prompt":[1,403],"temperature":0,"max_tokens":24}""");
        JsonNode other = await PostAsync(server, "/v1/completions", """{"model":"stories","adapter":"physics@2","prompt":[1,403],"temperature":0,"max_tokens":24}""");
        JsonNode models = JsonNode.Parse(await server.Http.GetStringAsync("/v1/models"))!;
        JsonNode one = JsonNode.Parse(await server.Http.GetStringAsync("/v1/models/stories:physics"))!;
        using HttpResponseMessage loaded = await SendAsync(server, "/v1/load_lora_adapter", """{"lora_name":"mine","lora_path":"elsewhere"}""");
        JsonNode mine = await PostAsync(server, "/v1/completions", """{"model":"mine","prompt":[1,403],"temperature":0,"max_tokens":24}""");
        JsonNode pinned = await PostAsync(server, "/v1/adapters/pin", """{"name":"mine"}""");
        using HttpResponseMessage unloaded = await SendAsync(server, "/v1/unload_lora_adapter", """{"lora_name":"mine"}""");
        using HttpResponseMessage gone = await SendAsync(server, "/v1/completions", """{"model":"mine","prompt":"x"}""");

        Assert.Equal(expected, (string?)answer["choices"]![0]!["text"]);
        Assert.Equal("stories:physics", (string?)answer["model"]);
        Assert.NotEqual(expected, (string?)other["choices"]![0]!["text"]);
        Assert.Equal(["stories", "stories:physics"], models["data"]!.AsArray().Select(m => (string?)m!["id"]));
        Assert.Equal("stories", (string?)one["parent"]);
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.NotFound), (loaded.StatusCode, unloaded.StatusCode, gone.StatusCode));
        Assert.Equal("stories:mine", (string?)mine["model"]);
        Assert.True((bool?)pinned["pinned"]);
        Assert.Equal(2, await server.MetricAsync("inference_adapter_requests_total", "adapter_name=\"physics\""));
        Assert.Equal(1, await server.MetricAsync("inference_adapter_requests_total", "adapter_name=\"mine\""));
        Assert.Equal(24, await server.MetricAsync("inference_adapter_generation_tokens_total", "adapter_name=\"mine\""));
    }

    [SharedDataFact(StoriesModel.Data)]
    public async Task Wrong_adapters_are_refused_by_both_protocols_and_the_host_goes_on()
    {
        await using RunningServer server = await StartAsync();
        RandomAdapter.Write(Path.Combine(_directory.Path, "adapters", "wide", "1"), Config() with { HiddenSize = 128 }, Everywhere, 1);

        RpcException unknown = await Assert.ThrowsAsync<RpcException>(() => TextAsync(server, "", "none"));
        RpcException wide = await Assert.ThrowsAsync<RpcException>(() => TextAsync(server, "", "wide@1"));
        RpcException both = await Assert.ThrowsAsync<RpcException>(() => TextAsync(server, "stories:physics", "other"));
        using HttpResponseMessage missing = await SendAsync(server, "/v1/completions", """{"model":"stories:none","prompt":"x"}""");
        using HttpResponseMessage unusable = await SendAsync(server, "/v1/completions", """{"model":"stories:wide@1","prompt":"x"}""");
        using HttpResponseMessage outside = await SendAsync(server, "/v1/load_lora_adapter", """{"lora_name":"x","lora_path":"/etc"}""");

        Assert.Equal((StatusCode.NotFound, StatusCode.FailedPrecondition, StatusCode.InvalidArgument), (unknown.StatusCode, wide.StatusCode, both.StatusCode));
        Assert.Contains("made for another base", wide.Message, StringComparison.Ordinal);
        Assert.Equal((HttpStatusCode.NotFound, HttpStatusCode.BadRequest, HttpStatusCode.BadRequest), (missing.StatusCode, unusable.StatusCode, outside.StatusCode));
        Assert.NotEmpty(await TextAsync(server, "", "physics"));
    }

    private static async Task<string> TextAsync(RunningServer server, string model, string adapter)
    {
        GenerateRequest request = Generations.Greedy(24, 1, 403);
        (request.Model, request.Adapter) = (model, adapter);
        return (await server.GenerateAsync(request)).Text();
    }

    private static async Task<JsonNode> PostAsync(RunningServer server, string path, string body)
    {
        using HttpResponseMessage response = await SendAsync(server, path, body);
        string text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, text);
        return JsonNode.Parse(text)!;
    }

    private static Task<HttpResponseMessage> SendAsync(RunningServer server, string path, string body) =>
        server.Http.PostAsync(path, JsonContent.Create(JsonNode.Parse(body)));

    private ModelConfig Config()
    {
        using ModelWeights weights = ModelWeights.Open(stories.ModelPath(DType.F32));
        return weights.Config;
    }

    /// <summary>Two versions of "physics", the first of which is valid.</summary>
    private async Task<RunningServer> StartAsync()
    {
        string root = Path.Combine(_directory.Path, "adapters");
        AdapterDirectory adapters = new(root);
        RandomAdapter.Write(adapters.PathOf("physics", "1"), Config(), Everywhere, 1);
        RandomAdapter.Write(adapters.PathOf("physics", "2"), Config(), Everywhere, 2);
        adapters.Point("physics", "1");
        return await RunningServer.StartAsync(stories.ModelPath(DType.F32), ("Adapters:Directory", root), ("Models:Roots:1", _directory.Path));
    }
}
