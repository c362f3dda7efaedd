using Inference.Rpc.Client;
using Inference.Rpc.Details;
using Inference.Rpc.Server;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Inference.Rpc.Tests;

public class StatusTests
{
    [Fact]
    public void Codes_are_those_of_google_rpc_Code()
    {
        Assert.Equal(
            Enum.GetValues<Code>().Select(c => (c.ToString(), (int)c)), Enum.GetValues<StatusCode>().Select(c => (c.ToString(), (int)c)));
    }

    [Theory]
    [InlineData(StatusCode.NotFound, "plain")]
    [InlineData(StatusCode.Aborted, "grüße, 100 % 你好 \r\n tab\t")]
    [InlineData(StatusCode.Cancelled, "")]
    public async Task Status_and_message_reach_the_client_alone_and_after_messages(StatusCode code, string message)
    {
        await using EchoHost host = await EchoHost.StartAsync();
        FailRequest request = new() { Code = (int)code, Message = message };

        var alone = await Assert.ThrowsAsync<RpcException>(async () => await host.Channel.Unary(EchoHost.Fail, request));
        List<string> texts = [];
        var late = await Assert.ThrowsAsync<RpcException>(async () =>
        {
            await foreach (EchoResponse response in host.Channel.ServerStream(EchoHost.FailLate, request))
                texts.Add(response.Text);
        });

        Assert.Equal((code, message), (alone.StatusCode, alone.Message));
        Assert.Equal((code, message), (late.StatusCode, late.Message));
        Assert.Equal(["before"], texts);
        Assert.Equal([code, code], host.Calls.Select(c => c.StatusCode!.Value));
        Assert.Equal(["Fail", "FailLate"], host.Calls.Select(c => c.Method!.Name));
    }

    [Fact]
    public async Task Field_violations_reach_the_client_typed()
    {
        await using EchoHost host = await EchoHost.StartAsync();
        FailRequest request = new() { Fields = { "sampling.top_p", "chat.messages[2].role" } };

        var e = await Assert.ThrowsAsync<RpcException>(async () => await host.Channel.Unary(EchoHost.Fail, request));

        Assert.Equal(StatusCode.InvalidArgument, e.StatusCode);
        Assert.Equal(["sampling.top_p", "chat.messages[2].role"], e.FieldViolations.Select(v => v.Field));
        Assert.All(e.FieldViolations, v => Assert.Equal("is wrong", v.Description));
        Assert.Null(e.RetryDelay);
        Assert.False(e.RequestNotSent);
    }

    [Fact]
    public async Task Refusal_by_middleware_is_a_status_with_its_details()
    {
        await using EchoHost host = await EchoHost.StartAsync(configure: app => app.Use((HttpContext http, RequestDelegate _) =>
            http.WriteRpcErrorAsync(RpcException.Exhausted("queue full: 64 of 64", TimeSpan.FromMilliseconds(250)))));

        var e = await Assert.ThrowsAsync<RpcException>(async () => await host.Channel.Unary(EchoHost.Say, new()));

        Assert.Equal((StatusCode.ResourceExhausted, "queue full: 64 of 64"), (e.StatusCode, e.Message));
        Assert.Equal(TimeSpan.FromMilliseconds(250), e.RetryDelay);
        Assert.Equal(StatusCode.ResourceExhausted, Assert.Single(host.Calls).StatusCode);
    }

    [Fact]
    public async Task Unexpected_exception_is_logged_and_not_told()
    {
        await using EchoHost host = await EchoHost.StartAsync();

        var e = await Assert.ThrowsAsync<RpcException>(async () => await host.Channel.Unary(EchoHost.Fail, new() { Crash = true }));

        Assert.Equal(StatusCode.Internal, e.StatusCode);
        Assert.DoesNotContain("secret", e.Message);
        Assert.Contains("secret", Assert.Single(host.Logs.Errors).Exception!.Message);
    }

    [Fact]
    public async Task Http_error_without_a_status_is_mapped()
    {
        await using EchoHost host = await EchoHost.StartAsync(configure: app => app.Use((HttpContext http, RequestDelegate _) =>
        {
            http.Response.StatusCode = int.Parse(http.Request.Headers["x-status"]!);
            return Task.CompletedTask;
        }));
        async Task<StatusCode> CallAsync(string status) => (await Assert.ThrowsAsync<RpcException>(async () =>
            await host.Channel.Unary(EchoHost.Say, new(), new() { Headers = new() { { "x-status", status } } }))).StatusCode;

        Assert.Equal(StatusCode.Unauthenticated, await CallAsync("401"));
        Assert.Equal(StatusCode.PermissionDenied, await CallAsync("403"));
        Assert.Equal(StatusCode.Unimplemented, await CallAsync("404"));
        Assert.Equal(StatusCode.Unavailable, await CallAsync("503"));
        Assert.Equal(StatusCode.Unknown, await CallAsync("500"));
        Assert.Equal(StatusCode.Unknown, await CallAsync("200"));
    }

    [Fact]
    public async Task Unreachable_server_is_unavailable_and_nothing_was_sent()
    {
        Uri address;
        await using (EchoHost host = await EchoHost.StartAsync())
            address = host.Address;
        using RpcChannel channel = new(address);

        var e = await Assert.ThrowsAsync<RpcException>(async () => await channel.Unary(EchoHost.Say, new()));

        Assert.Equal((StatusCode.Unavailable, true), (e.StatusCode, e.RequestNotSent));
    }

    [Theory]
    [InlineData("Not-Allowed Name", "x")]
    [InlineData("grpc-status", "0")]
    [InlineData("x-name", "line\nbreak")]
    [InlineData("x-name-bin", "text")]
    public void Metadata_that_cannot_be_sent_are_refused(string name, string value)
    {
        Assert.Throws<ArgumentException>(() => new Metadata().Add(name, value));
    }
}
