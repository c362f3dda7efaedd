using Inference.Interop;

namespace Inference.Rpc.Tests;

public sealed class GrpcJsTests : InteropTests
{
    [InteropFact("grpc-js")]
    public Task All_four_kinds_work() => AllKindsAsync();

    [InteropFact("grpc-js")]
    public Task Failures_are_told() => FailuresAsync();

    [InteropFact("grpc-js")]
    public Task Cancelling_reaches_the_server() => CancelAsync();

    [InteropFact("grpc-js")]
    public Task Gzip_and_limits_are_understood() => CompressionAsync();

    internal override Task<InteropResult> CallAsync(InteropCall call) => InteropClient.CallWithNodeAsync(call);
}
