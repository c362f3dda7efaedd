using Google.Protobuf.Reflection;
using Inference.Rpc.Client;
using Inference.Rpc.Reflection.V1;
using Alpha = Inference.Rpc.Reflection.V1Alpha;

namespace Inference.Rpc.Tests;

public class ReflectionTests
{
    private static readonly RpcMethod<ServerReflectionRequest, ServerReflectionResponse> Info =
        new(ReflectionReflection.Descriptor.Services[0], "ServerReflectionInfo");

    private static readonly RpcMethod<Alpha.ServerReflectionRequest, Alpha.ServerReflectionResponse> AlphaInfo =
        new(Alpha.ReflectionReflection.Descriptor.Services[0], "ServerReflectionInfo");

    private static readonly string[] Services =
        ["grpc.health.v1.Health", "grpc.reflection.v1.ServerReflection", "grpc.reflection.v1alpha.ServerReflection", "inference.test.Echo"];

    [Fact]
    public async Task Services_are_listed_in_both_versions()
    {
        await using EchoHost host = await EchoHost.StartAsync();
        Alpha.ServerReflectionRequest[] alpha = [new() { ListServices = "*" }];

        ServerReflectionResponse response = Assert.Single(await AskAsync(new ServerReflectionRequest { ListServices = "*", Host = "h" }));
        Alpha.ServerReflectionResponse old = await host.Channel.Duplex(AlphaInfo, alpha.ToAsyncEnumerable()).SingleAsync();

        Assert.Equal(Services, response.ListServicesResponse.Service.Select(s => s.Name));
        Assert.Equal(Services, old.ListServicesResponse.Service.Select(s => s.Name));
        Assert.Equal("h", response.ValidHost);
    }

    [Theory]
    [InlineData("inference.test.Echo")]
    [InlineData("inference.test.Echo.Say")]
    [InlineData("inference.test.EchoRequest")]
    [InlineData("inference.test.EchoRequest.text")]
    [InlineData(".inference.test.EchoRequest")]
    public async Task File_of_a_symbol_comes_with_its_imports(string symbol)
    {
        ServerReflectionResponse response = Assert.Single(await AskAsync(new ServerReflectionRequest { FileContainingSymbol = symbol }));

        Assert.Equal(
            ["echo.proto", "google/protobuf/timestamp.proto"],
            response.FileDescriptorResponse.FileDescriptorProto.Select(f => FileDescriptorProto.Parser.ParseFrom(f).Name));
    }

    [Fact]
    public async Task File_is_found_by_name_also_as_an_import()
    {
        var responses = await AskAsync(
            new ServerReflectionRequest { FileByFilename = "echo.proto" },
            new ServerReflectionRequest { FileByFilename = "google/protobuf/timestamp.proto" });

        Assert.Equal([2, 1], responses.Select(r => r.FileDescriptorResponse.FileDescriptorProto.Count));
    }

    [Fact]
    public async Task Unknown_names_get_errors_and_the_stream_goes_on()
    {
        var responses = await AskAsync(
            new ServerReflectionRequest { FileByFilename = "no.proto" },
            new ServerReflectionRequest { FileContainingSymbol = "no.Symbol" },
            new ServerReflectionRequest { FileContainingExtension = new() { ContainingType = "inference.test.EchoRequest", ExtensionNumber = 7 } },
            new ServerReflectionRequest { AllExtensionNumbersOfType = "no.Type" },
            new ServerReflectionRequest(),
            new ServerReflectionRequest { AllExtensionNumbersOfType = "inference.test.EchoRequest" });

        Assert.Equal([5, 5, 5, 5, 3], responses.Take(5).Select(r => r.ErrorResponse.ErrorCode));
        Assert.Contains("no.Symbol", responses[1].ErrorResponse.ErrorMessage);
        Assert.Empty(responses[5].AllExtensionNumbersResponse.ExtensionNumber);
    }

    private static async Task<List<ServerReflectionResponse>> AskAsync(params ServerReflectionRequest[] requests)
    {
        await using EchoHost host = await EchoHost.StartAsync();
        return await host.Channel.Duplex(Info, requests.ToAsyncEnumerable()).ToListAsync();
    }
}
