namespace Inference.EndToEnd.Tests;

/// <summary>A <see cref="ClientFactAttribute"/> with data.</summary>
internal sealed class ClientTheoryAttribute : TheoryAttribute
{
    /// <summary>Needs "grpc-js", "grpcio", "buf" or "openai".</summary>
    public ClientTheoryAttribute(string client) => Skip = new ClientFactAttribute(client).Skip;
}
