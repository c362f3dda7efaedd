using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Inference.Contracts.V1;
using Inference.Interop;
using Inference.Tensors;
using Inference.TestSupport;

namespace Inference.EndToEnd.Tests;

/// <summary>Clients that are not written here: grpc-js, Python's grpcio, buf curl, npm's openai.</summary>
[Collection(StoriesCollection.Name)]
public class ForeignClientTests(StoriesFixture stories)
{
    private const int Cancelled = 1;
    private const int InvalidArgument = 3;
    private const int DeadlineExceeded = 4;
    private const int NotFound = 5;

    private string GenerateUrl => $"http://{Address}/inference.v1.GenerationService/Generate";

    private string Address => stories.Server.Channel.Address.Authority;

    [ClientFact("grpc-js")]
    public async Task Grpc_js_streams_cancels_times_out_and_sees_each_fault()
    {
        JsonNode result = Json(await InteropClient.RunNodeAsync("generate.js", Address, Path.Combine(SharedData.RepositoryRoot, "protos")));

        await AssertScenarioAsync(result);
    }

    [ClientFact("grpcio")]
    public async Task Python_grpcio_streams_cancels_times_out_and_sees_each_fault()
    {
        using TemporaryDirectory directory = new();
        string descriptors = directory.File("descriptors.pb");
        await File.WriteAllBytesAsync(descriptors, Descriptors(GenerationReflection.Descriptor).ToByteArray());

        JsonNode result = Json(await InteropClient.RunAsync("/usr/bin/python3", ["generate.py", Address, descriptors]));

        await AssertScenarioAsync(result);
        Assert.Equal(InvalidArgument, (int)result["errors"]!["invalidUtf8"]!["code"]!);
    }

    [ClientFact("buf")]
    public async Task Buf_curl_streams_by_reflection()
    {
        ProcessResult whole = await InteropClient.BufCurlAsync("-d", """{"tokens":{"ids":[1]},"sampling":{"temperature":0,"maxTokens":200}}""", GenerateUrl);

        Assert.True(whole.ExitCode == 0, whole.Error);
        string text = string.Concat(Messages(whole.Output).SelectMany(m => m["deltas"]?.AsArray() ?? []).Select(d => (string?)d!["text"]));
        Assert.Equal(Stories260K.ExpectedText(DType.F32), text);
    }

    [ClientFact("buf")]
    public Task Buf_curl_leaves_midway_and_its_blocks_are_freed() => stories.Server.AbortsAsync(async () =>
    {
        string printed = await InteropClient.BufCurlAndLeaveAsync(
            "-d", """{"text":"Once","sampling":{"temperature":1,"maxTokens":480,"ignoreEos":true,"n":16}}""", GenerateUrl);
        Assert.StartsWith("{", printed);
    });

    [ClientTheory("buf")]
    [InlineData("""{"text":""}""", "invalid_argument", "text")]
    [InlineData("""{"model":"gpt-5","text":"x"}""", "not_found", "gpt-5")]
    [InlineData("""{"text":"x","sampling":{"temperature":-1}}""", "invalid_argument", "sampling.temperature")]
    [InlineData("""{"text":"x","sampling":{"topP":2}}""", "invalid_argument", "sampling.top_p")]
    [InlineData(
        """{"chat":{"messages":[{"role":"user","content":"x"}],"chatTemplate":"{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}"}}""",
        "invalid_argument", "chat.chat_template")]
    public async Task Buf_curl_sees_the_fault_and_its_field(string request, string status, string field)
    {
        ProcessResult result = await InteropClient.BufCurlAsync("-d", request, GenerateUrl);

        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains(status, result.Error);
        Assert.Contains(field, result.Error);
    }

    [ClientFact("openai")]
    public Task Npm_openai_lists_chats_streams_aborts_and_sees_errors_as_its_exceptions() => stories.Server.AbortsAsync(async () =>
    {
        JsonNode result = Json(await InteropClient.RunNodeAsync("openai.mjs", new Uri(stories.Server.Http.BaseAddress!, "/v1").ToString()));

        Assert.Equal(RunningServer.ModelName, (string?)result["model"]);
        Assert.Equal((string?)result["whole"], (string?)result["streamed"]);
        Assert.Equal((string?)result["whole"], (string?)result["completion"]);
        Assert.Equal(20, (int?)result["tokens"]);
        Assert.Equal("""{"kind":"NotFoundError","status":404,"param":"model","code":"model_not_found"}""", result["unknownModel"]!.ToJsonString());
        Assert.Equal("""{"kind":"BadRequestError","status":400,"param":"temperature","code":"invalid_value"}""", result["badValue"]!.ToJsonString());
        Assert.Equal("tools", (string?)result["noTools"]!["param"]);
    });

    private async Task AssertScenarioAsync(JsonNode result)
    {
        Assert.Equal(Stories260K.ExpectedText(DType.F32), (string?)result["stream"]!["text"]);
        Assert.Equal(200, (int)result["stream"]!["tokens"]!);
        Assert.Equal(Cancelled, (int)result["cancelled"]!["code"]!);
        Assert.Equal(DeadlineExceeded, (int)result["deadline"]!["code"]!);
        AssertFault("empty", InvalidArgument, "text");
        AssertFault("tenMegabytes", InvalidArgument, "text: must have at most 1048576 bytes of UTF-8, not 10485760");
        AssertFault("unknownModel", NotFound, "gpt-5");
        AssertFault("temperature", InvalidArgument, "sampling.temperature");
        AssertFault("topP", InvalidArgument, "sampling.top_p");
        AssertFault("stops", InvalidArgument, "sampling.stop");
        AssertFault("endlessTemplate", InvalidArgument, "chat.chat_template");
        Assert.StartsWith("Once upon", (string?)result["after"]!["text"]);
        await stories.Server.WaitForMetricAsync("inference_kv_cache_blocks_used", 0);

        void AssertFault(string name, int code, string message)
        {
            JsonNode error = result["errors"]![name]!;
            Assert.Equal(code, (int)error["code"]!);
            Assert.Contains(message, (string?)error["message"]);
        }
    }

    private static JsonNode Json(ProcessResult result)
    {
        Assert.True(result.ExitCode == 0, result.Error);
        return JsonNode.Parse(result.Output)!;
    }

    private static FileDescriptorSet Descriptors(FileDescriptor descriptor)
    {
        FileDescriptorSet set = new();
        Add(descriptor);
        return set;

        void Add(FileDescriptor file)
        {
            if (set.File.Any(f => f.Name == file.Name))
            {
                return;
            }

            foreach (FileDescriptor dependency in file.Dependencies)
            {
                Add(dependency);
            }

            set.File.Add(FileDescriptorProto.Parser.ParseFrom(file.SerializedData));
        }
    }

    private static List<JsonNode> Messages(string output)
    {
        Utf8JsonReader reader = new(Encoding.UTF8.GetBytes(output), new JsonReaderOptions { AllowMultipleValues = true });
        List<JsonNode> messages = [];
        while (reader.Read())
        {
            messages.Add(JsonNode.Parse(ref reader)!);
        }

        return messages;
    }
}
