using System.Text.Json.Nodes;
using Inference.Interop;

namespace Inference.Rpc.Tests;

/// <summary>`buf curl`, which learns the services from our reflection.</summary>
public sealed class BufCurlTests
{
    [InteropFact("buf")]
    public async Task Services_are_listed_by_reflection()
    {
        await using EchoHost host = await EchoHost.StartAsync();

        ProcessResult result = await InteropClient.BufCurlAsync("--list-services", host.Address.ToString());

        Assert.Equal("", result.Error);
        Assert.Equal(["grpc.health.v1.Health", "inference.test.Echo"], Lines(result).Where(l => !l.Contains("reflection")));
    }

    [InteropFact("buf")]
    public async Task Streams_and_failures_work_with_either_version_of_reflection()
    {
        await using EchoHost host = await EchoHost.StartAsync();

        ProcessResult talk = await InteropClient.BufCurlAsync(
            "--reflect-protocol", "grpc-v1alpha", "--data", """{"text":"one"}{"text":"two"}""", Url(host, "Talk"));
        ProcessResult fail = await InteropClient.BufCurlAsync("--data", """{"fields":["sampling.top_p"]}""", Url(host, "Fail"));

        Assert.Equal((0, ""), (talk.ExitCode, talk.Error));
        Assert.Contains("\"two\"", talk.Output);
        JsonNode error = JsonNode.Parse(fail.Error)!;
        Assert.Equal("invalid_argument", (string?)error["code"]);
        Assert.Contains("sampling.top_p", (string?)error["message"]);
        Assert.Equal("google.rpc.BadRequest", (string?)error["details"]![0]!["type"]);
    }

    private static string Url(EchoHost host, string method) => new Uri(host.Address, $"/inference.test.Echo/{method}").ToString();

    private static IEnumerable<string> Lines(ProcessResult result) => result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
}
