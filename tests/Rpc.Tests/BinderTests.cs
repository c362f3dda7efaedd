using Inference.Rpc.Server;
using Microsoft.AspNetCore.Builder;

namespace Inference.Rpc.Tests;

public class BinderTests
{
    [Fact]
    public void Method_without_a_handler_is_named_at_start()
    {
        Assert.Equal(
            "inference.test.Echo: no handler for Repeat, Collect, Talk, Forever, Hang, Fail, FailLate, NotHere",
            Failure(s => s.Unary<EchoRequest, EchoResponse>("Say", (_, _) => throw new InvalidOperationException("never called"))));
    }

    [Fact]
    public void Unknown_method_is_named_at_start()
    {
        Assert.StartsWith("inference.test.Echo has no method Sing; it has Say,", Failure(s => s.Unimplemented("Sing")));
    }

    [Fact]
    public void Wrong_streaming_is_told_at_start()
    {
        Assert.Equal(
            "inference.test.Echo.Repeat is (Inference.Rpc.Tests.EchoRequest) returns (stream Inference.Rpc.Tests.EchoResponse), "
            + "not (Inference.Rpc.Tests.EchoRequest) returns (Inference.Rpc.Tests.EchoResponse)",
            Failure(s => s.Unary<EchoRequest, EchoResponse>("Repeat", (_, _) => throw new InvalidOperationException("never called"))));
    }

    [Fact]
    public void Wrong_message_is_told_at_start()
    {
        Assert.Contains(
            "not (Inference.Rpc.Tests.FailRequest)",
            Failure(s => s.Unary<FailRequest, EchoResponse>("Say", (_, _) => throw new InvalidOperationException("never called"))));
    }

    [Fact]
    public void Method_bound_twice_is_told_at_start()
    {
        Assert.Equal("inference.test.Echo.Say is bound twice", Failure(s => s.Unimplemented("Say").Unimplemented("Say")));
    }

    private static string Failure(Action<GrpcServiceBinder> bind)
    {
        WebApplication app = WebApplication.CreateSlimBuilder().Build();
        return Assert.Throws<InvalidOperationException>(() => app.MapGrpcService(EchoReflection.Descriptor.Services[0], bind)).Message;
    }
}
