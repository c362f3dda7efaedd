using Google.Protobuf;
using Inference.Interop;
using Inference.Rpc.Details;

namespace Inference.Rpc.Tests;

/// <summary>Our server, called by clients not written here.</summary>
public abstract class InteropTests
{
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(60);

    internal abstract Task<InteropResult> CallAsync(InteropCall call);

    protected async Task AllKindsAsync()
    {
        await using EchoHost host = await EchoHost.StartAsync();

        InteropResult say = await CallAsync(
            To(host, "Say", new { text = "grüß dich 你好" }) with { Metadata = new Dictionary<string, string> { ["x-tenant"] = "school 7" } });
        InteropResult repeat = await CallAsync(To(host, "Repeat", new { text = "a", times = 20 }));
        InteropResult collect = await CallAsync(To(host, "Collect", new { text = "a" }, new { text = "b" }, new { text = "c" }));
        InteropResult talk = await CallAsync(To(host, "Talk", new { text = "one" }, new { text = "two" }));

        Assert.All([say, repeat, collect, talk], r => Assert.Equal((0, ""), (r.Status, r.Message)));
        Assert.Equal("grüß dich 你好", (string?)Assert.Single(say.Messages)["text"]);
        Assert.Contains("school 7", say.Messages[0]["metadata"]!.ToJsonString());
        Assert.Equal("from the server", say.Headers["x-header"]);
        Assert.Equal(("at the end", "AP8H"), (say.Trailers["x-trailer"], say.Trailers["x-trailer-bin"]));
        Assert.Equal(Enumerable.Range(0, 20), repeat.Messages.Select(m => (int?)m["index"] ?? 0));
        Assert.Equal("abc", (string?)Assert.Single(collect.Messages)["text"]);
        Assert.Equal(["one", "two"], talk.Messages.Select(m => (string?)m["text"]));
        Assert.Empty(host.Logs.Errors);
    }

    protected async Task FailuresAsync()
    {
        await using EchoHost host = await EchoHost.StartAsync();

        InteropResult plain = await CallAsync(To(host, "Fail", new { code = 9, message = "grüße, 100 %" }));
        InteropResult late = await CallAsync(To(host, "FailLate", new { code = 10, message = "late" }));
        InteropResult fields = await CallAsync(To(host, "Fail", new { fields = new[] { "sampling.top_p" } }));
        InteropResult crash = await CallAsync(To(host, "Fail", new { crash = true }));
        InteropResult notHere = await CallAsync(To(host, "NotHere", new { }));
        InteropResult deadline = await CallAsync(To(host, "Hang", new { }) with { DeadlineMs = 1000 });

        Assert.Equal((9, "grüße, 100 %"), (plain.Status, plain.Message));
        Assert.Equal((10, "late", 1), (late.Status, late.Message, late.Messages.Count));
        Assert.Equal(3, fields.Status);
        var details = Status.Parser.ParseFrom(ByteString.FromBase64(fields.Trailers["grpc-status-details-bin"]));
        Assert.Equal("sampling.top_p", Assert.Single(details.Details.Single().Unpack<BadRequest>().FieldViolations).Field);
        Assert.Equal(13, crash.Status);
        Assert.Equal(12, notHere.Status);
        Assert.Equal(4, deadline.Status);
        Assert.Equal("Hang", await host.Service.Cancelled.Task.WaitAsync(Long));
    }

    protected async Task CancelAsync()
    {
        await using EchoHost host = await EchoHost.StartAsync();

        InteropResult result = await CallAsync(To(host, "Forever", new { answer_bytes = 1000 }) with { CancelAfter = 5 });

        Assert.Equal(1, result.Status);
        Assert.True(result.Messages.Count >= 5);
        Assert.Equal("Forever", await host.Service.Cancelled.Task.WaitAsync(Long));
    }

    protected async Task CompressionAsync()
    {
        await using EchoHost host = await EchoHost.StartAsync(o => o.CompressResponses = true);

        InteropResult result = await CallAsync(To(host, "Say", new { text = new string('x', 100_000) }) with { Gzip = true });
        InteropResult large = await CallAsync(To(host, "Say", new { text = new string('x', 5_000_000) }));

        Assert.Equal((0, 100_000), (result.Status, ((string)result.Messages[0]["text"]!).Length));
        Assert.Equal((8, "a message has 5000005 bytes; the limit is 4194304"), (large.Status, large.Message));
    }

    private static InteropCall To(EchoHost host, string method, params object[] requests) =>
        InteropCall.To(host.Address, EchoReflection.Descriptor.Services[0], method, requests);
}
