using Inference.Interop;
using Inference.TestSupport;

namespace Inference.EndToEnd.Tests;

/// <summary>A test of a client that is not written here against stories260K; skipped, with the reason, where one of them is absent.</summary>
internal sealed class ClientFactAttribute : FactAttribute
{
    /// <summary>Needs "grpc-js", "grpcio", "buf" or "openai".</summary>
    public ClientFactAttribute(string client) => Skip = SharedData.Find(StoriesModel.Data) is null
        ? $"../shared/data/{StoriesModel.Data} is absent" : new InteropFactAttribute(client).Skip;
}
