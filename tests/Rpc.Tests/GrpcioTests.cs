using Inference.Interop;

namespace Inference.Rpc.Tests;

public sealed class GrpcioTests : InteropTests
{
    [InteropFact("grpcio")]
    public Task All_four_kinds_work() => AllKindsAsync();

    [InteropFact("grpcio")]
    public Task Failures_are_told() => FailuresAsync();

    [InteropFact("grpcio")]
    public Task Cancelling_reaches_the_server() => CancelAsync();

    [InteropFact("grpcio")]
    public Task Gzip_and_limits_are_understood() => CompressionAsync();

    internal override Task<InteropResult> CallAsync(InteropCall call) => InteropClient.CallWithPythonAsync(call);
}
